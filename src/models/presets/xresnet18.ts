import { xresnet18 as body } from '../bodies/xresnet.js';
import { xresnet } from './xresnet.js';

/** Basic blocks in stages of 2, 2, 2 and 2. */
export const xresnet18 = xresnet(body);
