import { SMTPServer } from 'smtp-server';
import type { MailStore } from './store.ts';

const MOST_BYTES = 10 * 1024 * 1024;

const answer = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

/**
 * The local mail server: takes every mail and delivers none. As the payment sandbox decides by token, it decides by the
 * name before the @: `bounce` is unknown for good, `later` is never ready.
 */
export function mailServer(store: MailStore): SMTPServer {
  const server = new SMTPServer({
    name: 'mailbox.local',
    banner: 'local mailbox',
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    size: MOST_BYTES,
    logger: false,
    onRcptTo: (address, _session, done) => {
      const [name] = address.address.split('@');
      if (name === 'bounce') return done(answer(550, '5.1.1 there is no such mailbox'));
      if (name === 'later') return done(answer(451, '4.3.0 not now'));
      return done();
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(answer(552, '5.3.4 the message is too large'));
        const source = Buffer.concat(parts);
        Promise.all(session.envelope.rcptTo.map((to) => store.add(to.address, source))).then(
          () => done(),
          () => done(answer(451, '4.3.0 it could not be stored')),
        );
      });
    },
  });
  // Also a client that dies in the middle of a mail is an error of the server's, and one that nobody hears ends the process.
  server.on('error', (error) => {
    if (!('remoteAddress' in error)) throw error;
  });
  return server;
}
