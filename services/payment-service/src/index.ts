export { paymentMachine } from './domain/payment.machine.js';
export { config } from './config.js';
