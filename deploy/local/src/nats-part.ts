import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsConfig, natsServer } from './nats.ts';
import { end, fresh, type Part } from './part.ts';
import { freePort } from './ports.ts';

/** A nats-server; open to everybody unless accounts are given. `reload` replaces them while it runs. */
export interface NatsPart extends Part {
  /** What the server has logged so far. */
  log(): string;
  reload(access: string): void;
  /** Crashes it and starts it again, on the same port and store. */
  crash(): Promise<void>;
}

export async function startNatsProcess(
  options: {
    /** A port that somebody waits at already, in place of a free one. */
    port?: number;
    access?: string;
    tls?: Parameters<typeof natsConfig>[0]['tls'];
  } = {},
): Promise<NatsPart> {
  const folder = fresh('nats');
  const [config, logFile] = [join(folder, 'nats.conf'), join(folder, 'nats.log')];
  mkdirSync(join(folder, 'store'));
  const [port, monitorPort] = await Promise.all([options.port ?? freePort(), freePort()]);
  const { access, tls } = options;
  const reload = (text: string) => writeFileSync(join(folder, 'access.conf'), text);
  if (access) reload(access);
  writeFileSync(
    config,
    natsConfig({
      port,
      monitorPort,
      store: join(folder, 'store'),
      ...(access && { access: 'access.conf' }),
      ...(tls && { tls }),
    }),
  );
  const run = async (): Promise<ChildProcess> => {
    const child = spawn(
      natsServer(() => {}),
      ['-c', config, '-l', logFile],
      { stdio: 'ignore' },
    );
    while (
      !(await fetch(`http://127.0.0.1:${monitorPort}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      ))
    )
      await new Promise((done) => setTimeout(done, 20));
    return child;
  };
  let child = await run();
  return {
    url: `${tls ? 'tls' : 'nats'}://127.0.0.1:${port}`,
    stop: () => end(child, 'SIGTERM', folder),
    log: () => readFileSync(logFile, 'utf8'),
    reload: (text) => {
      reload(text);
      child.kill('SIGHUP');
    },
    crash: async () => {
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      child.kill('SIGKILL');
      await ended;
      child = await run();
    },
  };
}
