export { orderMachine } from './domain/order.machine.js';
export { placingSaga } from './domain/placing.saga.js';
export { config } from './config.js';
export { OrderEvents } from './transport/order.events.js';
