import { xresnet50 as body } from '../bodies/xresnet.js';
import { xresnet } from './xresnet.js';

/** Bottlenecks in stages of 3, 4, 6 and 3. */
export const xresnet50 = xresnet(body);
