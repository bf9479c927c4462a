import { roles } from '@oms/contracts';
import { commandLine, perform, text, word } from './command-line.ts';
import { developmentToken } from './development-token.ts';

const { values } = commandLine({
  usage: `npm run --silent token -- [--role ${roles.join('|')}] [--sub SUBJECT] [--scope 'SCOPE…']`,
  options: { role: word(roles, 'staff'), sub: text, scope: text },
});
await perform(async () => {
  const { role, sub: subject, scope } = values;
  console.log(await developmentToken({ role, subject, scope }));
});
