export { payingSaga } from './domain/paying.saga.js';
export { paymentMachine } from './domain/payment.machine.js';
export { config } from './config.js';
export { PaymentEvents } from './transport/payment.events.js';
