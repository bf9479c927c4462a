import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** One request that a receiver got. */
export interface Received {
  id: string;
  body: string;
  headers: Record<string, string>;
}

/** An endpoint of a stranger, on loopback. What it answers is up to each test. */
export class Receiver {
  readonly received: Received[] = [];
  url = '';
  private readonly server: Server;

  private constructor(answer: (res: ServerResponse, count: number) => void) {
    this.server = createServer((req, res) => {
      void this.take(req).then(() => answer(res, this.received.length));
    });
  }

  static async open(answer: (res: ServerResponse, count: number) => void): Promise<Receiver> {
    const receiver = new Receiver(answer);
    await new Promise<void>((open) => receiver.server.listen(0, '127.0.0.1', open));
    receiver.url = `http://127.0.0.1:${(receiver.server.address() as { port: number }).port}/hook`;
    return receiver;
  }

  /** What arrived and holds under this secret, by the library that receivers use; throws at the first that does not. */
  verified(secret: string): { type: string; id: string; data: Record<string, unknown> }[] {
    const webhook = new Webhook(secret);
    return this.received.map(({ body, headers }) => webhook.verify(body, headers) as never);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async take(req: IncomingMessage): Promise<void> {
    let body = '';
    for await (const part of req) body += String(part);
    const headers = Object.fromEntries(
      Object.entries(req.headers).map(([name, value]) => [name, String(value)]),
    );
    this.received.push({ id: headers['webhook-id'] ?? '', body, headers });
  }
}
