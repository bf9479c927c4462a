import { parseArgs } from 'node:util';
import { roles, type Role } from '@oms/contracts';
import { developmentToken } from './development-token.ts';

const { values } = parseArgs({
  options: { role: { type: 'string', default: 'staff' }, sub: { type: 'string' }, scope: { type: 'string' } },
});
const role = values.role as Role;
if (!roles.includes(role)) {
  console.error(`--role is one of ${roles.join(', ')}`);
  process.exit(1);
}
try {
  console.log(await developmentToken({ role, subject: values.sub, scope: values.scope }));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
