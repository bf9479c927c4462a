import { until } from '@oms/client';
import { restRoutes } from '@oms/contracts';
import { fields, holds, need, refused, same, section } from '../sentence.ts';
import type { World } from '../world.ts';
import { stuck } from '../cases.ts';
import { hook, isSigned, listen, poison } from '../outside.ts';

/** The messages of an order that have been sent. */
async function sent(w: World, orderId: string) {
  const { data } = await until(
    () => w.staff.listNotifications({ orderId }),
    (page) => page.data.length > 0 && page.data.every((one) => !['queued', 'sending'].includes(one.status)),
    60_000,
  );
  return data;
}

export const also = section('Also', {
  'GET /livez, /readyz (each service too)': async (w) => {
    const places = [w.url, ...Object.values(w.run).flatMap((one) => ('health' in one ? [one.health] : []))];
    same(places.length, 5);
    for (const place of places)
      for (const path of ['/livez', '/readyz'])
        same([path, (await fetch(`${place}${path}`)).status], [path, 200]);
  },
  '/metrics (Prometheus)': async (w) => {
    const answer = await fetch(`${w.url}/metrics`);
    same([answer.status, /^# TYPE \w+ (counter|histogram|gauge)/m.test(await answer.text())], [200, true]);
  },
  '/openapi.json': async (w) => {
    const document = (await (await fetch(`${w.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
    };
    same(document.openapi.slice(0, 3), '3.1');
    const missing = restRoutes.filter((row) => {
      const path = row.path.replace(/:(\w+)/g, '{$1}');
      return !Object.entries(document.paths).some(
        ([key, calls]) => key.endsWith(path) && row.method.toLowerCase() in calls,
      );
    });
    same(missing, []);
  },
  '/docs (the reference, offline)': async (w) => {
    const text = await (await fetch(`${w.url}/docs`)).text();
    const parts = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    same(
      parts.filter((part) => !part.startsWith('/docs/')),
      [],
    );
    for (const part of parts) same([part, (await fetch(w.url + part)).status], [part, 200]);
  },
  '/asyncapi.json, and the schema of every event it names': async (w) => {
    const answer = await fetch(`${w.url}/asyncapi.json`);
    same([answer.status, (await answer.text()).includes('order.placed')], [200, true]);
    const schema = await fetch(`${w.url}/schemas/order.placed.v1.json`);
    same(
      [schema.status, schema.headers.get('content-type')?.split(';')[0]],
      [200, 'application/schema+json'],
    );
  },
  'GET /api/v1/events (server-sent events), narrowed to one order and to types': async (w) => {
    const { id } = await w.moved(['confirm', 'process']);
    const heard = await listen(w, `aggregateId=${id}&lastEventId=0`, 3);
    same(
      heard.map(({ event, data }) => [event, data.subject]),
      ['order.placed', 'order.confirmed', 'order.processing'].map((name) => [name, id]),
    );
    const [only] = await listen(w, `aggregateId=${id}&type=order.processing&lastEventId=0`, 1);
    same(only?.event, 'order.processing');
  },
  'resumes with Last-Event-ID': async (w) => {
    const { id } = await w.moved(['confirm', 'process']);
    const all = await listen(w, `aggregateId=${id}&lastEventId=0`, 3);
    const rest = await listen(w, `aggregateId=${id}`, 2, all[0]?.id);
    same(rest, all.slice(1));
  },
  '/api/v1/webhooks: endpoints get every event they ask for, signed after Standard Webhooks': async (w) => {
    const target = await hook();
    const made = await w.admin.createWebhook({
      url: target.url,
      events: ['order.confirmed', 'order.cancelled'],
    });
    try {
      const { id } = await w.moved(['confirm', 'process', 'cancel']);
      const mine = () => target.received.filter(({ body }) => body.includes(id));
      await until(
        async () => mine(),
        (all) => all.length >= 2,
      );
      same(
        mine()
          .map(({ body }) => (JSON.parse(body) as { type: string }).type)
          .toSorted(),
        ['order.cancelled.v1', 'order.confirmed.v1'],
      );
      same(
        mine().map((one) => isSigned(one, made.secret)),
        [true, true],
      );
    } finally {
      await w.admin.deleteWebhook(made.id);
      target.close();
    }
  },
  'an endpoint is listed, changed, tried out, and given another secret; its secret is shown once': async (
    w,
  ) => {
    const target = await hook();
    const made = await w.admin.createWebhook({ url: target.url, events: ['order.*'] });
    try {
      const listed = JSON.stringify([await w.admin.listWebhooks(), await w.admin.getWebhook(made.id)]);
      same([listed.includes(made.id), listed.includes(made.secret)], [true, false]);
      same((await w.admin.updateWebhook(made.id, { description: 'd' })).description, 'd');
      const { secret } = await w.admin.rotateWebhookSecret(made.id, { overlapHours: 1 });
      const { eventId } = await w.admin.testWebhook(made.id);
      const tried = await until(
        async () => target.received.find(({ headers }) => headers['webhook-id'] === eventId),
        (one) => one !== undefined,
      );
      same([isSigned(need('try', tried), made.secret), isSigned(need('try', tried), secret)], [true, true]);
    } finally {
      await w.admin.deleteWebhook(made.id);
      target.close();
    }
    await refused(w.admin.getWebhook(made.id), 404, 'not_found');
  },
  'every delivery with its tries, sent again one by one or over a time': async (w) => {
    const target = await hook();
    const { id } = await w.admin.createWebhook({ url: target.url, events: ['order.placed'] });
    try {
      const order = await w.staff.createOrder(w.body());
      const arrived = (count: number) =>
        until(
          async () => target.received.filter(({ body }) => body.includes(order.id)).length,
          (heard) => heard >= count,
        );
      await arrived(1);
      const eventId = need('event', (await w.staff.orderHistory(order.id)).data[0]?.eventId);
      // Orders that were placed before are heard of as late as this one, and may be listed first.
      await until(
        () => w.admin.listWebhookDeliveries(id, { status: ['succeeded'] }),
        (page) => page.data.some((one) => one.eventId === eventId),
      );
      same((await w.admin.getWebhookDelivery(id, eventId)).log[0]?.responseStatus, 200);
      await w.admin.resendWebhookDelivery(id, eventId);
      await arrived(2);
      const after = new Date(Date.parse(order.createdAt) - 1_000).toISOString();
      same((await w.admin.resendWebhookRange(id, { after, only: 'all' })).count >= 1, true);
      await arrived(3);
    } finally {
      await w.admin.deleteWebhook(id);
      target.close();
    }
  },
  "/api/v1/reports/…: our ledger held against the provider's": async (w) => {
    const report = await w.staff.reconciliationReport();
    fields(report, 'data');
    await refused(w.jane.reconciliationReport(), 403, 'forbidden');
  },
  '/api/v1/dead-letters (look, redrive, discard; admin)': async (w) => {
    const { id, items } = await w.staff.createOrder(w.body());
    const eventId = await poison(w, id, need('item', items[0]).id);
    const parked = () =>
      until(
        () => w.admin.listDeadLetters({ service: 'order-service', aggregateId: `ret_${id.slice(4)}` }),
        (page) => page.data.some((one) => one.eventId === eventId),
        120_000,
      );
    fields((await parked()).data[0], 'service eventId type error attempts parkedAt');
    same((await w.admin.getDeadLetter('order-service', eventId)).payload?.['orderId'], id);
    await w.admin.redriveDeadLetter('order-service', eventId);
    await parked();
    same((await w.admin.redriveDeadLetters('order-service', { eventIds: [eventId] })).redriven, 1);
    await parked();
    await w.admin.discardDeadLetter('order-service', eventId, { reason: 'sent by nobody' });
    const { state, history } = await w.admin.getDeadLetter('order-service', eventId);
    same([state, history.at(-1)?.reason], ['discarded', 'sent by nobody']);
    await refused(w.staff.listDeadLetters(), 403, 'forbidden');
  },
  '/api/v1/sagas (?state=running|needs_attention|finished; steps, attempts, deadlines; staff)': async (w) => {
    const back = await w.openReturn(await w.delivered(), 1);
    await w.staff.approveReturn(back.id);
    const saga = await w.sagaOf(back.id, (state) => state === 'running');
    fields(saga, 'state step steps attempts deadline waitsFor reason');
    same([saga.step, saga.deadline?.name, saga.attempts], ['awaiting_goods', 'ship_back', 0]);
    for (const state of ['running', 'needs_attention', 'finished'] as const) {
      const { data } = await w.staff.listSagas({ state, limit: 5 });
      same(
        data.filter((one) => one.state !== state),
        [],
      );
    }
    await refused(w.jane.listSagas(), 403, 'forbidden');
  },
  'resume, retry, close with a reason': async (w) => {
    const { id } = await stuck(w);
    const saga = await w.sagaOf(id, (state) => state === 'needs_attention');
    same(
      saga.moves.map(({ move }) => move),
      ['retry', 'close'],
    );
    await refused(w.staff.resumeSaga(saga.id), 409, 'transition_not_allowed');
    await w.staff.retrySaga(saga.id, { reason: 'the bank asked for it' });
    await until(
      () => w.staff.getSaga(saga.id),
      (one) => one.state === 'needs_attention' && one.attempts === 2,
    );
    same((await w.raw('POST', `/sagas/${saga.id}/close`, { body: {} })).status, 400);
    const closed = await w.staff.closeSaga(saga.id, { reason: 'settled by letter' });
    same([closed.state, closed.step], ['finished', 'closed']);
    same((await w.staff.returnHistory(id)).data.at(-1)?.reason, 'settled by letter');
  },
  '/api/v1/notifications (what was sent, resend)': async (w) => {
    const { id } = await w.moved(['confirm'], { email: `${crypto.randomUUID()}@example.com` });
    const [message] = await sent(w, id);
    const { id: messageId, subject, status } = need('message', message);
    same([status, (await w.staff.getNotification(messageId)).subject], ['sent', subject]);
    same((await w.staff.resendNotification(messageId)).resends, 1);
    await until(
      () => w.staff.getNotification(messageId),
      (one) => one.status === 'sent' && one.resends === 1,
    );
  },
  '/notifications filters: orderId, returnId, recipient, status': async (w) => {
    const email = `${crypto.randomUUID()}@example.com`;
    const order = await w.delivered({ email });
    const back = await w.openReturn(order, 1);
    // Confirmed, on its way, there; and that some of it comes back.
    const all = 4;
    await until(
      () => w.staff.listNotifications({ orderId: order.id }),
      (page) => page.data.length >= all && page.data.every((one) => one.status === 'sent'),
    );
    const templates = async (query: object) =>
      (await w.staff.listNotifications({ ...query, limit: 100 })).data.length;
    same(await templates({ orderId: order.id }), all);
    same(await templates({ returnId: back.id }), 1);
    same(await templates({ recipient: email }), all);
    same(await templates({ orderId: order.id, status: ['failed'] }), 0);
    same(await templates({ orderId: order.id, status: ['sent'] }), all);
  },
  'what a customer wants to hear of, and what no server takes': async (w) => {
    const customerId = 'cus_walker_jane';
    const wanted = await w.jane.updateNotificationPreferences(customerId, { optionalMessages: false });
    same(wanted.optionalMessages, false);
    same((await w.jane.getNotificationPreferences(customerId)).optionalMessages, false);
    await refused(w.mallory.getNotificationPreferences(customerId), 404, 'not_found');
    await w.jane.updateNotificationPreferences(customerId, { optionalMessages: true });
    const email = 'bounce@example.com';
    const { id } = await w.moved(['confirm'], { email });
    await sent(w, id);
    const { data } = await w.staff.listSuppressions({ limit: 200 });
    holds(
      'it is kept from now on',
      data.some((one) => one.address === email),
    );
    same((await w.staff.liftSuppression(email)).address, email);
  },
});
