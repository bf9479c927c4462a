export { config } from './config.js';
export { messageMachine } from './domain/message.machine.js';
export { webhookDeliveryMachine } from './domain/webhook-delivery.machine.js';
export { NotificationEvents } from './transport/notification.events.js';
