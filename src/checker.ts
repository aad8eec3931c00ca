import { answerChecks } from './gateway/arguments/answerChecks.js';

answerChecks();
