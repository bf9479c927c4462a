export { config } from './config.js';
export { templates } from './domain/templates.js';
