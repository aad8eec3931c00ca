import type { Gateway } from './api.js';
import { GatewayService } from './gateway.js';
import { DEFAULT_TUNING, type Tuning } from './model/tuning.js';
import type { GatewayPorts } from './ports.js';

/**
 * The one place where the parts of a gateway are put together. It runs nothing before `configure`.
 * @param tuning for tests, which cannot wait as long as people can
 */
export function createGateway(ports: GatewayPorts, tuning: Partial<Tuning> = {}): Gateway {
  return new GatewayService(ports, { ...DEFAULT_TUNING, ...tuning });
}
