import { accessAnswers } from './answers/access.js';
import { notificationAnswers } from './answers/notification.js';
import { operationAnswers } from './answers/operations.js';
import { orderAnswers } from './answers/order.js';
import { paymentAnswers } from './answers/payment.js';
import { returnAnswers } from './answers/return.js';
import { webhookAnswers } from './answers/webhook.js';

/** One answer for each call of the API, by its name; a test holds each against its schema, and the reference shows it. */
export const answerExamples: Readonly<Record<string, object>> = {
  ...orderAnswers,
  ...returnAnswers,
  ...paymentAnswers,
  ...notificationAnswers,
  ...webhookAnswers,
  ...accessAnswers,
  ...operationAnswers,
};
