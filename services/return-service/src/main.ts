import { bootService } from '@oms/chassis';
import { config } from './config.js';
import { returnModule } from './return.module.js';

await bootService(returnModule, config.read());
