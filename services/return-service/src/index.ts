export { returnMachine } from './domain/return.machine.js';
export { returnLineMachine } from './domain/return-line.machine.js';
export { refundSaga } from './domain/refund.saga.js';
export { config } from './config.js';
export { ReturnEvents } from './transport/return.events.js';
