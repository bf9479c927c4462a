import { bootGateway } from './boot.js';
import { config } from './config.js';

void bootGateway(config.read());
