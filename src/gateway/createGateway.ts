import type { Gateway } from './api.js';
import { GatewayService } from './gateway.js';
import type { GatewayPorts } from './ports.js';

/** The one place where the parts of a gateway are put together. It runs nothing before `configure`. */
export function createGateway(ports: GatewayPorts): Gateway {
  return new GatewayService(ports);
}
