import { xresnet } from './xresnet.js';

/** Basic blocks in stages of 2, 2, 2 and 2. */
export const xresnet18 = xresnet('xresnet18', 1, [2, 2, 2, 2]);
