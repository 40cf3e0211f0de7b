/**
 * The wheels of each platform, pinned by hash: TensorFlow's, and of NVIDIA's packages the newest that the `and-cuda`
 * extra of TensorFlow's metadata lets through. Only libraries and headers are used, so one CPython tag is as good as
 * another.
 */
import type { Wheel } from '../../../download/wheel.js';
import { tensorflowVersion, type Variant } from './installed.js';

const pin = (file: string, sha256: string): Wheel => ({ file, sha256 });
const tensorflow = (name: string, platform: string, sha256: string): Wheel =>
  pin(`${name}-${tensorflowVersion}-cp311-cp311-${platform}.whl`, sha256);

/** x86-64's names for how old a glibc may be. */
const glibc = {
  '2.12': 'manylinux2010_x86_64.manylinux_2_12_x86_64',
  '2.17': 'manylinux2014_x86_64.manylinux_2_17_x86_64',
  '2.25': 'manylinux_2_25_x86_64',
  '2.27': 'manylinux_2_27_x86_64',
} as const;
const nvidia = (release: string, oldest: keyof typeof glibc, sha256: string): Wheel =>
  pin(`nvidia_${release}-py3-none-${glibc[oldest]}.whl`, sha256);

const cuda: Wheel[] = [
  nvidia('cublas_cu12-12.9.3.13', '2.27', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
  nvidia('cuda_cupti_cu12-12.9.79', '2.25', '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f'),
  nvidia('cuda_nvcc_cu12-12.9.86', '2.12', '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0'),
  nvidia('cuda_nvrtc_cu12-12.9.86', '2.12', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'),
  nvidia('cuda_runtime_cu12-12.9.79', '2.17', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'),
  nvidia('cudnn_cu12-9.28.0.42', '2.27', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
  nvidia('cufft_cu12-11.4.1.4', '2.17', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
  nvidia('curand_cu12-10.3.10.19', '2.27', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
  nvidia('cusolver_cu12-11.7.5.82', '2.27', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'),
  nvidia('cusparse_cu12-12.5.10.65', '2.17', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'),
  nvidia('nccl_cu12-2.32.3', '2.27', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
  nvidia('nvjitlink_cu12-12.9.86', '2.12', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'),
];

const hashes = {
  'linux-x64 cpu': '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  'linux-x64 cuda': '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  'linux-arm64 cpu': '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  'darwin-arm64 cpu': '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
} as const;

/** By platform, architecture and variant. The wheel for Linux arm64 has no CUDA in it, whatever its metadata say. */
const wheels: Partial<Record<string, Partial<Record<Variant, Wheel[]>>>> = {
  'linux-x64': {
    cpu: [tensorflow('tensorflow_cpu', glibc['2.27'], hashes['linux-x64 cpu'])],
    cuda: [tensorflow('tensorflow', glibc['2.27'], hashes['linux-x64 cuda']), ...cuda],
  },
  'linux-arm64': { cpu: [tensorflow('tensorflow', 'manylinux_2_27_aarch64', hashes['linux-arm64 cpu'])] },
  'darwin-arm64': { cpu: [tensorflow('tensorflow', 'macosx_12_0_arm64', hashes['darwin-arm64 cpu'])] },
};

/** The wheels of an engine on a platform (`linux-x64`, …), or undefined where TensorFlow has none. */
export const wheelsOf = (platform: string, variant: Variant): Wheel[] | undefined => wheels[platform]?.[variant];

/** The platforms that have an engine of that variant. */
export const platformsWith = (variant: Variant): string[] =>
  Object.keys(wheels).filter((platform) => wheels[platform]?.[variant]);
