import { Unsubscribe } from '@oms/contracts';
import { Router, type Request } from 'express';
import type { Call } from './call.js';
import { otherMethods } from './door/methods.js';
import { Problem } from './problem.js';

/** The link speaks for whoever got the mail; this is all that it may do. */
const LINK = { type: 'service', id: 'unsubscribe-link', scopes: ['notifications:write'] } as const;

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color-scheme:light dark}
button{font:inherit;font-weight:600;padding:.8rem 1.4rem;border:0;border-radius:.5rem;background:#1f5c43;color:#fff}</style></head>
<body><main><h1>${title}</h1>${content}</main></body>
</html>
`;

/**
 * Where the link in a mail leads, the one place that needs no token but the one in its path. Opening it changes nothing,
 * because mail scanners open every link; the button does, and so does a mail client's own (RFC 8058: a POST of
 * `List-Unsubscribe=One-Click`).
 */
export function unsubscribe(call: Call): Router {
  const tokenOf = (req: Request): Unsubscribe => {
    const token = Unsubscribe.safeParse({ token: req.params['token'] });
    if (!token.success) throw new Problem('not_found');
    return token.data;
  };
  const router = Router({ caseSensitive: true });
  router.get('/unsubscribe/:token', (req, res) => {
    tokenOf(req);
    res
      .type('text/html')
      .send(
        page(
          'Fewer messages?',
          '<p>You will still hear of everything that matters: your order, your money, and what is decided on a return.</p><form method="post"><button>Send me fewer messages</button></form>',
        ),
      );
  });
  router.post('/unsubscribe/:token', async (req, res) => {
    await call(
      'rpc.notification.unsubscribe',
      tokenOf(req),
      { ...LINK, scopes: [...LINK.scopes] },
      {
        'oms-request-id': String(res.getHeader('X-Request-Id')),
      },
    );
    res.type('text/html').send(page('Done', '<p>You will get fewer messages from us.</p>'));
  });
  router.all('/unsubscribe/:token', otherMethods('GET', 'POST'));
  return router;
}
