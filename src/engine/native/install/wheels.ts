/**
 * The wheels of each platform, pinned by hash: what `pip install --dry-run --report` says of TensorFlow 2.21.0, and of the newest
 * packages that its `and-cuda` extra lets through. Only libraries and headers are used, so one CPython tag is as good as another.
 */
import type { Wheel } from '../../../download/pip.js';
import { tensorflowVersion, type Variant } from './installed.js';

const tensorflow = (name: string, platform: string, sha256: string): Wheel => ({
  requirement: `${name}==${tensorflowVersion}`,
  platform,
  sha256,
});

const nvidia: Wheel[] = [
  {
    requirement: 'nvidia-cublas-cu12==12.9.3.13',
    platform: 'manylinux_2_27_x86_64',
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  },
  {
    requirement: 'nvidia-cuda-cupti-cu12==12.9.79',
    platform: 'manylinux_2_25_x86_64',
    sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  },
  {
    requirement: 'nvidia-cuda-nvcc-cu12==12.9.86',
    platform: 'manylinux_2_12_x86_64',
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  },
  {
    requirement: 'nvidia-cuda-nvrtc-cu12==12.9.86',
    platform: 'manylinux_2_12_x86_64',
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  },
  {
    requirement: 'nvidia-cuda-runtime-cu12==12.9.79',
    platform: 'manylinux_2_17_x86_64',
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  },
  {
    requirement: 'nvidia-cudnn-cu12==9.28.0.42',
    platform: 'manylinux_2_27_x86_64',
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  },
  {
    requirement: 'nvidia-cufft-cu12==11.4.1.4',
    platform: 'manylinux_2_17_x86_64',
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  },
  {
    requirement: 'nvidia-curand-cu12==10.3.10.19',
    platform: 'manylinux_2_27_x86_64',
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  },
  {
    requirement: 'nvidia-cusolver-cu12==11.7.5.82',
    platform: 'manylinux_2_27_x86_64',
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  },
  {
    requirement: 'nvidia-cusparse-cu12==12.5.10.65',
    platform: 'manylinux_2_17_x86_64',
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  },
  {
    requirement: 'nvidia-nccl-cu12==2.32.3',
    platform: 'manylinux_2_27_x86_64',
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  },
  {
    requirement: 'nvidia-nvjitlink-cu12==12.9.86',
    platform: 'manylinux_2_12_x86_64',
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  },
];

/** By platform, architecture and variant. The wheel for Linux arm64 has no CUDA in it, whatever its metadata say. */
const wheels: Partial<Record<string, Partial<Record<Variant, Wheel[]>>>> = {
  'linux-x64': {
    cpu: [
      tensorflow(
        'tensorflow-cpu',
        'manylinux_2_27_x86_64',
        '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      ),
    ],
    cuda: [
      tensorflow(
        'tensorflow',
        'manylinux_2_27_x86_64',
        '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      ),
      ...nvidia,
    ],
  },
  'linux-arm64': {
    cpu: [
      tensorflow(
        'tensorflow',
        'manylinux_2_27_aarch64',
        '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      ),
    ],
  },
  'darwin-arm64': {
    cpu: [
      tensorflow('tensorflow', 'macosx_12_0_arm64', '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88'),
    ],
  },
};

/** The wheels of an engine on a platform (`linux-x64`, …), or undefined where TensorFlow has none. */
export const wheelsOf = (platform: string, variant: Variant): Wheel[] | undefined => wheels[platform]?.[variant];

/** The platforms that have an engine of that variant. */
export const platformsWith = (variant: Variant): string[] =>
  Object.keys(wheels).filter((platform) => wheels[platform]?.[variant]);
