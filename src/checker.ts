import { answerChecks } from './gateway/catalog/answerChecks.js';

answerChecks();
