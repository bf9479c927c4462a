import type { accessRoutes } from '../access.js';
import type { AnswersOf } from '../row.js';
import { times } from './story.js';

const apiKey = {
  id: 'key_01jd3z6q8kf5v9c2x7m4t0b1ha',
  name: 'warehouse',
  role: 'service',
  scopes: ['orders:read', 'orders:write'],
  createdBy: 'otto',
  createdAt: times.placed,
  expiresAt: null,
  revokedAt: null,
};

/** An answer of each call on who may call. */
export const accessAnswers = {
  createApiKey: { ...apiKey, key: 'oms_EXAMPLE' },
  listApiKeys: { data: [apiKey] },
  revokeApiKey: { ...apiKey, revokedAt: times.mended },
} satisfies AnswersOf<typeof accessRoutes>;
