import { connect } from 'node:net';

export interface Reply {
  /** 0 when the server closed without an answer. */
  status: number;
  headers: string;
  body: string;
}

const LIMIT_MS = 60_000;

/** Writes bytes that no HTTP client would write, and reads until the server closes. */
export function sendBytes(url: URL, head: string, body: Buffer | undefined): Promise<Reply> {
  const misframed = Number(/^content-length: (.*)$/im.exec(head)?.[1] ?? '0') !== (body?.length ?? 0);
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(head, 'latin1');
      if (body) socket.write(body);
      // A server that waits for more bytes than there are is told that no more come; any other would take it for a hang-up.
      if (misframed) socket.end();
    });
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error(`no answer in ${LIMIT_MS} ms`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that has answered a body that it will not read closes in the middle of our writing.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') done(replyOf(Buffer.concat(chunks)));
      else fail(error);
    });
    socket.on('close', () => done(replyOf(Buffer.concat(chunks))));
  });
}

/** The first answer in `bytes`: what was left over of a request with a wrong length may have got one of its own. */
function replyOf(bytes: Buffer): Reply {
  const text = bytes.toString('latin1').replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const split = text.indexOf('\r\n\r\n');
  const headers = split === -1 ? text : text.slice(0, split);
  const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? text.length);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(headers)?.[1] ?? 0),
    headers,
    body: split === -1 ? '' : Buffer.from(text.slice(split + 4).slice(0, length), 'latin1').toString('utf8'),
  };
}
