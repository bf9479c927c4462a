import type { ServiceDefinition } from '@oms/chassis';
import { notificationModule, type NotificationSettings } from '../src/notification.module.js';

/** The service's wiring, without a mail server unless one is given. */
export const testModule = (settings: Partial<NotificationSettings> = {}): ServiceDefinition =>
  notificationModule({
    smtpUrl: null,
    offerMs: 10_000,
    mailFrom: 'The Shop <orders@shop.example>',
    shopName: 'The Shop',
    returnAddress: [],
    locale: 'en',
    staffAddress: null,
    staffChatUrl: null,
    publicUrl: null,
    firstRetryMs: 50,
    patienceMs: 60_000,
    webhookTimeoutMs: 1_000,
    webhookRetryPlan: [20, 20],
    webhookDisableAfterMs: 3_600_000,
    webhookLogMs: 3_600_000,
    webhookLoopbackTargets: true,
    ...settings,
  });
