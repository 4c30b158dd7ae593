/*
 * java_tan.c - the tangent as the JVM has it on x86-64: that of Intel's mathematical library
 * (2014).
 *
 * The argument is N * pi/32 + r + c. With B = N mod 32 * pi/32 the result is tau * (-1 / rho) +
 * T_hi + T_lo + (sigma + T_hl) * (r + c) + c2 * r^2 + ... + c15 * r^15, where rho is the remainder
 * by pi/2, and the terms are those of the Taylor series at B of the tangent, less that pole where B
 * is nearer to it than to a zero (tau).
 *
 * Threads: no state.
 */
#include "expr/java_math.h"
#include "expr/java_trig.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef struct TanTerms {
    double t_hi, t_lo, sigma, t_hl;
    double c[14]; /* of r^2 on */
} TanTerms;

/* B = k * pi/32; the others are these mirrored. */
static const TanTerms tan_terms[17] = {
    {0x0.0p+0,
     0x0.0p+0,
     0x1.0000000000000p+0,
     0x0.0p+0,
     {0x0.0p+0, 0x1.5555555555555p-2, 0x0.0p+0, 0x1.1111111111111p-3, 0x0.0p+0,
      0x1.ba1ba1ba1ba1cp-5, 0x0.0p+0, 0x1.664f4882c10fap-6, 0x0.0p+0, 0x1.226e355e6c23dp-7,
      0x0.0p+0, 0x1.d6d3d0e157de0p-9, 0x0.0p+0, 0x1.7da36452b75e3p-10}},
    {0x1.936bb8c5b2da2p-4,
     0x1.87d054f689d7ap-58,
     0x1.0000000000000p+0,
     0x1.3dde2a8935dd9p-7,
     {0x1.97558dc230b9bp-4, 0x1.62ac976fc4985p-2, 0x1.1381eb6247521p-4, 0x1.27f838746482dp-3,
      0x1.3e6093e666320p-5, 0x1.fa8ae1f1dca06p-5, 0x1.53f834e435f9bp-6, 0x1.b74ea3c6e8e46p-6,
      0x1.5ad63da5b7511p-7, 0x1.8130826cb3788p-7, 0x1.57c8577bb08bap-8, 0x1.54e955922170cp-8,
      0x1.4e39111055b30p-9, 0x1.301df0de9dae3p-9}},
    {0x1.975f5e0553158p-3,
     0x1.ef5d367441946p-61,
     0x1.0000000000000p+0,
     0x1.4420303dec550p-5,
     {0x1.a77d9d62ca5f8p-3, 0x1.8cf51433258fap-2, 0x1.2b15401771ceap-3, 0x1.7370fc028a723p-3,
      0x1.6dfaa214368e9p-4, 0x1.6cb8e172dbbf0p-4, 0x1.a34075a279ea3p-5, 0x1.70153432d65fap-5,
      0x1.d03ef891a4602p-6, 0x1.7a265b35f4628p-6, 0x1.f88e3b58fd909p-7, 0x1.88f57f3562f8ep-7,
      0x1.0f44c20b7f9f0p-7, 0x1.9b4b628891863p-8}},
    {0x1.36a08355c63dcp-2,
     -0x1.d704d1bfdb6e8p-57,
     0x1.0000000000000p+0,
     0x1.78e922b82ab63p-4,
     {0x1.5335ed87ab0bbp-2, 0x1.dba4179143126p-2, 0x1.015ab59f21a6dp-2, 0x1.0576ce19fc6aap-2,
      0x1.59462c0b3f22cp-3, 0x1.30eb83f838640p-3, 0x1.b8ec59314533ep-4, 0x1.6d3f409aa36d0p-4,
      0x1.13950dcb427fdp-4, 0x1.bb382ce0ae8a5p-5, 0x1.552f15f2b28d4p-5, 0x1.0e98422c27d95p-5,
      0x1.a48988f2c2950p-6, 0x1.4b61c1883a4b8p-6}},
    {0x1.a827999fcef32p-2,
     0x1.08b2fb1366ea9p-56,
     0x1.0000000000000p+0,
     0x1.5f619980c4337p-3,
     {0x1.f0ed99bed9b2ep-2, 0x1.2edd996c125e5p-1, 0x1.a08b786362c20p-2, 0x1.911bd4b494091p-2,
      0x1.3c09293a2fd76p-2, 0x1.189be3303df2bp-2, 0x1.cfc5656f37042p-3, 0x1.90125aa563951p-3,
      0x1.505333d0e7c5dp-3, 0x1.1f2505fe7c47cp-3, 0x1.e5c715a02bbd8p-4, 0x1.9d3424b4435edp-4,
      0x1.5e4c7b56658bep-4, 0x1.29910da271793p-4}},
    {0x1.11ab7190834ecp-1,
     -0x1.e564bcd1e635dp-55,
     0x1.0000000000000p+0,
     0x1.248f1b07217e3p-2,
     {0x1.5fdb93dd01ccap-1, 0x1.977f95645ad0bp-1, 0x1.4f192bf0bf914p-1, 0x1.499333f8b9000p-1,
      0x1.27ae15936a835p-1, 0x1.1659eef478605p-1, 0x1.ff10fcc03e501p-2, 0x1.db63b44a4e845p-2,
      0x1.b72a43768ad9fp-2, 0x1.972b2a61d2811p-2, 0x1.78ca3d013b3abp-2, 0x1.5d0604d53e730p-2,
      0x1.4322ae2b82f08p-2, 0x1.2b3fbb1c61c9bp-2}},
    {0x1.561b82ab7f990p-1,
     0x1.7a8c52172b675p-55,
     0x1.0000000000000p+0,
     0x1.c92d84170bcc6p-2,
     {0x1.eed87e93463bdp-1, 0x1.20c10f4d790a4p+0, 0x1.1369e386accd3p+0, 0x1.2081722a9777ep+0,
      0x1.22137ddaa0031p+0, 0x1.293111e9c7f1dp+0, 0x1.2de9c2b2c49d0p+0, 0x1.33e582655bc98p+0,
      0x1.3972eff691fa2p+0, 0x1.3f5b2070e10a0p+0, 0x1.4541aa04e8ea3p+0, 0x1.4b521222a66ddp+0,
      0x1.5178f52a04a6ep+0, 0x1.57c014447d47cp+0}},
    {0x1.a43002ae42850p-1,
     -0x1.a6db80fe796fep-56,
     0x1.0000000000000p+1,
     -0x1.4e526e33345b8p-2,
     {0x1.5f9844b6261cbp+0, 0x1.af5a574c30018p+0, 0x1.d7334fe8e54fap+0, 0x1.0e0124db97058p+1,
      0x1.3006e697d6ecep+1, 0x1.58c1919d490d6p+1, 0x1.85e24c7ab4d5ap+1, 0x1.b963de93ea75dp+1,
      0x1.f37e294a7f25ap+1, 0x1.1aab05a9dd812p+2, 0x1.3fe8b7f2ce8e3p+2, 0x1.6a10c670d618dp+2,
      0x1.99c5f24df44ddp+2, 0x1.cfc4d83298b82p+2}},
    {0x1.0000000000000p+0,
     0x0.0p+0,
     0x1.0000000000000p+1,
     0x0.0p+0,
     {0x1.0000000000000p+1, 0x1.5555555555555p+1, 0x1.aaaaaaaaaaaabp+1, 0x1.1111111111111p+2,
      0x1.5b05b05b05b06p+2, 0x1.ba1ba1ba1ba1cp+2, 0x1.1965965965966p+3, 0x1.664f4882c10fap+3,
      0x1.c834283cd3723p+3, 0x1.226e355e6c23dp+4, 0x1.71c9634451939p+4, 0x1.d6d3d0e157de0p+4,
      0x1.2bbcea738201fp+5, 0x1.7da36452b75e3p+5}},
    {-0x1.e49ce5af9e000p-3,
     0x1.eb8608c743719p-46,
     0x0.0p+0,
     0x1.782941b4863cfp-2,
     {-0x1.b5a8c23e49fe9p-5, 0x1.172b221169451p-5, -0x1.4c7dbdbf93b8ep-7, 0x1.43924ee9aada7p-8,
      -0x1.d41f5e015f797p-10, 0x1.9a2abe4c2a251p-11, -0x1.3eaf94f48b8d3p-12, 0x1.0b8ea0cf7586fp-13,
      -0x1.abaf3d0258911p-15, 0x1.60d152d53222ep-16, -0x1.1d3b5bb254dbcp-17, 0x1.d336405b4630bp-19,
      -0x1.7b7b9794a8297p-20, 0x1.35dfbe41a4a56p-21}},
    {-0x1.9bbe82aea0000p-3,
     -0x1.a23697723ea61p-44,
     0x0.0p+0,
     0x1.6e642df7796ffp-2,
     {-0x1.67e17a4317c6dp-5, 0x1.f455b2f1b621ep-6, -0x1.04beef437b9acp-7, 0x1.080c2919a1db2p-8,
      -0x1.5a4430a268358p-10, 0x1.31806d7767a58p-11, -0x1.b9320535ad890p-13, 0x1.6d61d018fdf1fp-14,
      -0x1.139e40359f1bep-15, 0x1.bb40582672d0fp-17, -0x1.5531751ccf238p-18, 0x1.0e993c791a2b5p-19,
      -0x1.a48a2336a5b0ep-21, 0x1.4b61fdfd978e4p-22}},
    {-0x1.549ce29cfc000p-3,
     -0x1.97b33bf159358p-44,
     0x0.0p+0,
     0x1.666f0871fee6cp-2,
     {-0x1.21ac0848a46c6p-5, 0x1.c71ea2a1aa832p-6, -0x1.933633f8dbaafp-8, 0x1.b83babee60471p-9,
      -0x1.fd07b3e5c67b3p-11, 0x1.d1eb1a4beb7a4p-12, -0x1.31c78b9ff07cep-13, 0x1.ff0e0a5517182p-15,
      -0x1.66191790b4cbcp-16, 0x1.1d3ecb16435fap-17, -0x1.9dd1afdd299efp-19, 0x1.415d6309fc6eap-20,
      -0x1.dae1194a0a697p-22, 0x1.6bd759a8f3e3ep-23}},
    {-0x1.0ee13a8a2a000p-3,
     -0x1.38b9f3da24be1p-44,
     0x0.0p+0,
     0x1.601fd11cd6c69p-2,
     {-0x1.c2a1358844587p-6, 0x1.a48f4ee33f1d6p-6, -0x1.2f746aad4b5b8p-8, 0x1.78228dabc29cfp-9,
      -0x1.6f3a3741fb4edp-11, 0x1.6db70ca89ff3fp-12, -0x1.a39587d98a556p-14, 0x1.704c29d88dc01p-15,
      -0x1.d054a73742a2bp-17, 0x1.7a32655688a79p-18, -0x1.f8939a8dc9888p-20, 0x1.88f829102efa1p-21,
      -0x1.0f4569289afb8p-22, 0x1.9b4bfa97f6663p-24}},
    {-0x1.9477fd636a000p-4,
     -0x1.35ef9c2c2d2bcp-46,
     0x0.0p+0,
     0x1.5b566f2fdb123p-2,
     {-0x1.4ab8cbb6cbb18p-6, 0x1.8b19b60730f7cp-6, -0x1.b21cd22cf9f74p-9, 0x1.4aad7fd2b83cep-9,
      -0x1.fc092e522591ap-12, 0x1.29d2fe5e82ffap-12, -0x1.16b011a154b97p-14, 0x1.147bf2d427630p-15,
      -0x1.264d4b93820c8p-17, 0x1.0568b888d4d92p-18, -0x1.2f950e4b1fb11p-20, 0x1.f499e4a3ff0a6p-22,
      -0x1.3487c637b73afp-23, 0x1.e3aaea158e8bcp-25}},
    {-0x1.0cc62e1e04000p-4,
     -0x1.19cbc016b907fp-46,
     0x0.0p+0,
     0x1.57fb3e6b9d8fap-2,
     {-0x1.b23982579f8efp-7, 0x1.79a3ab0198dc5p-6, -0x1.17caa5766336fp-9, 0x1.2c646a4e0aaf8p-9,
      -0x1.3f952dc4c0409p-12, 0x1.fc566b8869e44p-13, -0x1.5448dc41acb64p-15, 0x1.b7ad2dbb03d6fp-16,
      -0x1.5aea59e42962dp-18, 0x1.81441288a1ed9p-19, -0x1.57cd32fdfe253p-21, 0x1.54ed6600944c3p-22,
      -0x1.4e3a36b8fb29cp-24, 0x1.301ec9bffe365p-25}},
    {-0x1.0c4146ecac000p-5,
     0x1.3500fcd7dd58cp-46,
     0x0.0p+0,
     0x1.55fe085a2c8fbp-2,
     {-0x1.ae3f4956ed53ep-8, 0x1.6f71391d443f5p-6, -0x1.122e8506f9381p-10, 0x1.1b0c76698b2ffp-9,
      -0x1.3499de5a0e9dcp-13, 0x1.cb89968d43db6p-13, -0x1.429d75daf22a6p-16, 0x1.7a27d06bca545p-16,
      -0x1.41c3e7211c19ap-19, 0x1.3901bee750e72p-19, -0x1.36e0936661e6cp-22, 0x1.041b9cb6dd440p-22,
      -0x1.25a8a576bf11dp-25, 0x1.b1c2c1103860dp-26}},
    {0x0.0p+0,
     0x0.0p+0,
     0x0.0p+0,
     0x1.5555555555555p-2,
     {0x0.0p+0, 0x1.6c16c16c16c17p-6, 0x0.0p+0, 0x1.1566abc011567p-9, 0x0.0p+0,
      0x1.bbd779334ef0bp-13, 0x0.0p+0, 0x1.66a8f2bf70ebep-16, 0x0.0p+0, 0x1.22805d644267fp-19,
      0x0.0p+0, 0x1.d6db2c4e09162p-23, 0x0.0p+0, 0x1.7da4e1f79955cp-26}},
};

static double with_mask(double x, uint64_t mask)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    bits &= mask;
    memcpy(&x, &bits, sizeof(bits));
    return x;
}

/* c[2] r^2 + ... + c[15] r^15 of the terms, in the order of Intel's two lanes. */
static double tan_series(const TanTerms *t, double even, double r)
{
    const double *c = t->c - 2;
    double r2 = r * r, r4 = r2 * r2, r5 = r * r4, r8 = r4 * r4;
    double high = ((even * c[8] + c[9] * r) + (even * c[10] + c[11] * r) * r2) + even * c[12] * r4;
    high += ((c[13] + even * c[14] * r) + c[15] * r2) * r5;
    double low = (even * c[2] + c[3] * r) * r2 + even * c[4] * r4;
    low += ((c[5] + even * c[6] * r) + c[7] * r2) * r5;
    return r8 * high + low;
}

/* tan(x + lo + first * pi/32) for |x| up to 12800. */
static double tan_of(double x, double lo, int32_t first)
{
    double half = copysign(0.5, x);
    int32_t n = (int32_t)(x * 0x1.45f306dc9c883p+3 + half);
    double dn = n, halves = (double)(int32_t)(x * 0x1.45f306dc9c883p-1 + half) * 16;
    uint32_t k = (uint32_t)(n + first) & 31;
    const TanTerms *t = &tan_terms[k > 16 ? 32 - k : k];
    double even = k > 16 ? -1 : 1;
    bool pole = k >= 9 && k <= 23;
    /* the argument less n * pi/32 */
    double r1 = x - dn * 0x1.921fb5444p-4, m2 = dn * 0x1.68c234c4cp-43, r = r1 - m2;
    double c = ((r1 - r) - m2) - dn * 0x1.98a2e03707345p-81 + lo;
    /* and less a whole number of pi/2: rho */
    double p1 = x - halves * 0x1.921fb54444p-4, q2 = halves * -0x1.2e7b967674p-44, p = p1 - q2;
    double rho = with_mask(halves * 0x1.2e7b9676733afp-44 + p1, UINT64_C(0xfffffffffffc0000));
    double rho_lo = ((p1 - p) - q2) - halves * 0x1.8a2e03707344ap-85 + lo;
    rho_lo += p - rho;
    double recip = 1 / rho, recip_hi = pole ? with_mask(recip, UINT64_C(0xfffffff800000000)) : 0;
    double series = tan_series(t, even, r);
    double sr = t->sigma * r, tr = t->t_hl * r, med = sr + tr, med_lo = tr + (sr - med);
    double rest = series + (((t->sigma + t->t_hl) * c + even * t->t_lo) + med_lo);
    double recip_lo = pole ? ((1 - rho * recip_hi) - rho_lo * recip) * recip : 0;
    double top = recip_hi - even * t->t_hi, sum = med - top;
    rest += med - (top + sum);
    rest -= recip_lo;
    return rest + sum;
}

double java_tan(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    uint32_t top = (uint32_t)(bits >> 48) & 0x7fff;
    if (x - x != 0) {
        return (double)NAN;
    }
    if (top < 0x3fba) {
        if (top < 0x3e20) {
            return x;
        }
        double x2 = x * x, s = 0x1.2609ab8fe4d77p-7 * x2;
        s = (s + 0x1.664a0bf847a43p-6) * x2;
        s = (s + 0x1.ba1ba52c4c8abp-5) * x2;
        s = (s + 0x1.1111111092746p-3) * x2;
        return x + (s + 0x1.5555555555612p-2) * (x * x2);
    }
    if (top <= 0x3fba + 270) {
        return tan_of(x, 0, 0);
    }
    Remainder r = java_reduce_huge(x, 30);
    return tan_of(r.hi, r.lo, 16 * r.units);
}
