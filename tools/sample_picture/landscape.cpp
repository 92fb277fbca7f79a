#include "landscape.hpp"

#include <algorithm>

#include "noise.hpp"

namespace vaec::sample {
namespace {

const Vec3 kEye{0, 0.20, -0.2};
const Vec3 kSun = normalized({-0.72, 0.42, 0.30});
const Vec3 kSunLight{2.9, 2.35, 1.75};
const Vec3 kHaze{0.50, 0.60, 0.74};
constexpr double kFar = 40, kCloudHeight = 3.2;
constexpr double kTreeLine = 0.85, kSnowLine = 1.45;

// Hills over which erosion has gone: where it is steep already, finer octaves count less. The lake lies at 0.
double height(double x, double z, int octaves) {
  double px = 0.38 * x + 11.3, pz = 0.38 * z + 4.6, dx = 0, dz = 0, sum = 0, strength = 1;
  for (int i = 0; i < octaves; ++i, strength /= 2) {
    const Noise n = noise(px, pz, 100 + static_cast<std::uint32_t>(i));
    dx += n.dx * 0.5;
    dz += n.dz * 0.5;
    sum += strength * n.value / (1 + dx * dx + dz * dz);
    const double turned = 1.6 * px - 1.2 * pz;
    pz = 1.2 * px + 1.6 * pz;
    px = turned;
  }
  const double valley = std::fabs(x - 0.35 * std::sin(0.8 * z) - 0.12 * z);
  const double rise = std::max(smoothstep(0.7, 4.2, valley), smoothstep(5.5, 12, z));
  return -0.16 + 0.14 * sum + rise * (1.25 + 1.55 * sum);
}

// Tree tops on the gentle slopes between the shore and the tree line.
double with_trees(double x, double z, double ground) {
  const double wood = smoothstep(0.03, 0.10, ground) * (1 - smoothstep(kTreeLine - 0.25, kTreeLine, ground)) *
                      smoothstep(-0.25, 0.1, fractal(2.1 * x, 2.1 * z, 4, 300)) * smoothstep(0.9, 1.8, z);
  if (wood <= 0) return ground;
  const double crown =
      std::max(0.0, noise(38 * x, 38 * z, 310).value) + 0.5 * noise(90 * x, 90 * z, 311).value;
  return ground + wood * 0.035 * std::max(0.0, crown + 0.3);
}

Vec3 normal_at(double x, double z, double step, bool trees) {
  const auto at = [&](double px, double pz) {
    const double h = height(px, pz, 11);
    return trees ? with_trees(px, pz, h) : h;
  };
  return normalized({at(x - step, z) - at(x + step, z), 2 * step, at(x, z - step) - at(x, z + step)});
}

// Distance to the ground along a ray, or kFar.
double march(Vec3 from, Vec3 direction, double start, int octaves) {
  double t = start;
  for (int i = 0; i < 260 && t < kFar; ++i) {
    const Vec3 p = from + direction * t;
    if (p.y > 3 && direction.y > 0) return kFar;
    const double above = p.y - with_trees(p.x, p.z, height(p.x, p.z, octaves));
    if (above < 0.0006 * t) return t;
    t += std::max(0.42 * above, 0.0006 * t);
  }
  return t < kFar ? t : kFar;
}

// 0 (dark) to 1: how much of the sun a point sees.
double sunlight(Vec3 p) {
  double light = 1;
  for (double t = 0.03; t < 5;) {
    const Vec3 q = p + kSun * t;
    const double above = q.y - height(q.x, q.z, 6);
    light = std::min(light, 0.5 + 12 * above / t);
    if (light <= 0 || q.y > 3) break;
    t += std::clamp(0.6 * above, 0.03, 0.4);
  }
  return std::clamp(light, 0.0, 1.0);
}

double cloud_cover(double x, double z) {
  const double wx = 1.3 * fractal(0.4 * x + 5, 0.4 * z, 4, 500),
               wz = 1.3 * fractal(0.4 * x, 0.4 * z + 9, 4, 520);
  return smoothstep(-0.02, 0.5, fractal(0.30 * x + wx * 0.6, 0.42 * z + wz * 0.6, 8, 540));
}

Vec3 sky(Vec3 direction) {
  const double up = std::max(direction.y, 0.0);
  Vec3 colour = mix({0.66, 0.72, 0.80}, {0.10, 0.24, 0.56}, 1 - std::exp(-4.2 * up));
  const double toward_sun = std::max(0.0, dot(direction, kSun));
  colour = colour + Vec3{0.55, 0.36, 0.18} * std::pow(toward_sun, 6) +
           Vec3{0.8, 0.6, 0.4} * std::pow(toward_sun, 40);
  if (direction.y < 0.01) return colour;
  const double t = kCloudHeight / direction.y;
  const double x = direction.x * t, z = direction.z * t;
  const double cover = cloud_cover(x, z), toward_light = cloud_cover(x + 0.5 * kSun.x, z + 0.5 * kSun.z);
  const double lit = std::clamp(0.55 + 0.9 * (cover - toward_light) + 0.35 * (1 - cover), 0.0, 1.2);
  const Vec3 cloud = mix({0.40, 0.44, 0.53}, {1.15, 1.06, 0.96}, lit);
  return mix(colour, cloud, 0.92 * cover * smoothstep(0.02, 0.14, direction.y));
}

Vec3 hazy(Vec3 colour, Vec3 direction, double distance) {
  const double toward_sun = std::max(0.0, dot(direction, kSun));
  const Vec3 haze = mix(kHaze, {0.86, 0.74, 0.60}, 0.5 * std::pow(toward_sun, 3));
  return mix(haze, colour, std::exp(-std::pow(0.055 * distance, 1.35)));
}

Vec3 ground(Vec3 p, double distance) {
  const Vec3 coarse = normal_at(p.x, p.z, 0.02 + 0.002 * distance, false);
  const Vec3 normal = normal_at(p.x, p.z, std::max(0.0007 * distance, 0.0004), true);
  const double bare = height(p.x, p.z, 11), tree = with_trees(p.x, p.z, bare) - bare;
  const double patch = fractal(5 * p.x, 5 * p.z, 5, 400), grain = fractal(60 * p.x, 60 * p.z, 4, 410);

  const double strata = fractal(2 * p.x, 26 * p.y + 2 * patch, 4, 420);
  Vec3 colour =
      mix({0.16, 0.135, 0.115}, {0.36, 0.315, 0.27}, std::clamp(0.5 + 0.6 * strata + 0.4 * grain, 0.0, 1.0));
  const Vec3 meadow =
      mix({0.085, 0.115, 0.03}, {0.22, 0.22, 0.065}, std::clamp(0.5 + patch + 0.5 * grain, 0.0, 1.0));
  colour =
      mix(colour, meadow,
          smoothstep(0.72, 0.86, coarse.y + 0.1 * patch) * (1 - smoothstep(0.9, 1.35, p.y + 0.2 * patch)));
  colour =
      mix(colour,
          mix({0.014, 0.032, 0.012}, {0.055, 0.085, 0.025}, std::clamp(0.5 + 0.8 * patch + grain, 0.0, 1.0)),
          smoothstep(0.002, 0.010, tree));
  colour = mix({0.25, 0.22, 0.17}, colour, smoothstep(0.004, 0.03, p.y + 0.012 * grain));  // the beach
  const double snow =
      smoothstep(kSnowLine - 0.35, kSnowLine + 0.25, p.y + 0.35 * patch) * smoothstep(0.45, 0.68, normal.y);
  colour = mix(colour, {0.80, 0.84, 0.90}, snow);

  const double direct = std::max(0.0, dot(normal, kSun)) * sunlight(p + normal * 0.004);
  const Vec3 above{0.34, 0.44, 0.62};
  return colour * (kSunLight * direct + above * (0.35 + 0.65 * normal.y) +
                   Vec3{0.16, 0.13, 0.09} * std::max(0.0, -dot(normal, kSun)));
}

Vec3 water(Vec3 p, Vec3 direction, double distance) {
  const double calm = 0.010 + 0.05 * smoothstep(0.0, 0.5, fractal(0.8 * p.x, 2.2 * p.z, 4, 600));
  const double fade = 1 / (1 + 0.25 * distance);
  const double nx = calm * fade * fractal(22 * p.x, 50 * p.z, 5, 610),
               nz = 1.6 * calm * fade * fractal(22 * p.x + 7, 50 * p.z, 5, 620);
  const Vec3 normal = normalized({nx, 1, nz});
  const double facing = std::max(0.0, -dot(direction, normal));
  const Vec3 away = normalized(direction + normal * (2 * facing));
  const double t = march(p, away, 0.01, 8);
  const Vec3 reflected = t < kFar ? hazy(ground(p + away * t, t), away, distance + t) : sky(away);
  const double fresnel = 0.03 + 0.97 * std::pow(1 - facing, 5);
  const double depth = std::max(0.0, -height(p.x, p.z, 8));
  const Vec3 below = mix({0.20, 0.21, 0.15}, {0.012, 0.055, 0.065}, 1 - std::exp(-26 * depth));
  return mix(below, reflected, std::min(1.0, fresnel * 1.15));
}

}  // namespace

Vec3 landscape(double x, double y) {
  const Vec3 direction = normalized({0.56 * x, 0.56 * y + 0.045, 1.25});
  const double t = march(kEye, direction, 0.02, 10);
  if (direction.y < 0) {
    const double to_water = -kEye.y / direction.y;
    if (to_water < t)
      return hazy(water(kEye + direction * to_water, direction, to_water), direction, to_water);
  }
  return t < kFar ? hazy(ground(kEye + direction * t, t), direction, t) : sky(direction);
}

}  // namespace vaec::sample
