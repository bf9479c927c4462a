import { openapi } from '@oms/contracts';
import { Router, static as files } from 'express';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { otherMethods } from './door/methods.js';

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>OMS API</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="reference"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, persistAuthorization: true, validatorUrl: null });
`;

/** The OpenAPI document and its reference; everything comes from this host, so it works without a network. */
export function reference(): Router {
  const router = Router();
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const text = JSON.stringify(openapi());
  router.get('/openapi.json', (_req, res) => void res.type('application/json').send(text));
  router.get('/docs', (_req, res) => {
    // Swagger UI draws its icons from data: URLs; scripts come from here only.
    res.setHeader(
      'Content-Security-Policy',
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    );
    res.type('text/html').send(page);
  });
  router.get('/docs/start.js', (_req, res) => void res.type('text/javascript').send(start));
  router.all(['/openapi.json', '/docs', '/docs/start.js'], otherMethods('GET'));
  router.use('/docs/assets', files(assets, { index: false, maxAge: '1h' }));
  return router;
}
