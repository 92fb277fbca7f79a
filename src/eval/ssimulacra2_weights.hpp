// What SSIMULACRA2's score is made of. Errors are mapped in three ways: structure that differs, edges that were not there
// (ringing), and edges that are gone (blurring); of each map two norms count. The weights were fitted to what people said of
// 22,000 compressed pictures (Sneyers 2022).
#pragma once

#include <array>
#include <cstddef>

namespace vaec::eval::ssimulacra2_parts {

inline constexpr std::size_t kChannels = 3, kScales = 6, kNorms = 2, kMaps = 3;
using Norms = std::array<std::array<double, kMaps>, kNorms>;  // the mean, and the norm 4

// What stabilizes the quotient of variances in the structure's map.
inline constexpr double kC2 = 0.0009;

// X, Y, B; each at six scales: {structure, ringing, blurring} of the mean, and of the norm 4.
inline constexpr std::array<std::array<Norms, kScales>, kChannels> kWeights = {
    {{{Norms{{{0, 0.0007376606707406586, 0}, {0, 0.0007793481682867309, 0}}},
       Norms{{{0, 0.0004371155730107379, 0},
              {1.1041726426657346, 0.00066284834129271, 0.00015231632783718752}}},
       Norms{{{0, 0.0016406437456599754, 0}, {1.8422455520539298, 11.441172603757666, 0}}},
       Norms{{{0.0007989109436015163, 0.000176816438078653, 0}, {1.8787594979546387, 10.94906990605142, 0}}},
       Norms{{{0.0007289346991508072, 0.9677937080626833, 0},
              {0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053}}},
       Norms{{{0.0004550992113792063, 0, 0}, {0.0013648766163243398, 0, 0}}}}},
     {{Norms{{{0, 0, 0}, {7.466890328078848, 0, 17.445833984131262}}},
       Norms{{{0.0006235601634041466, 0, 0}, {6.683678146179332, 0.00037724407979611296, 1.027889937768264}}},
       Norms{{{225.20515300849274, 0, 0}, {19.213238186143016, 0.0011401524586618361, 0.001237755635509985}}},
       Norms{{{176.39317598450694, 0, 0}, {24.43300999870476, 0.28520802612117757, 0.0004485436923833408}}},
       Norms{{{0, 0, 0}, {34.77906344483772, 44.835625328877896, 0}}}, Norms{{{0, 0, 0}, {0, 0, 0}}}}},
     {{Norms{{{0, 0.0008680556573291698, 0}, {0, 0, 0}}},
       Norms{{{0, 0.0005313191874358747, 0}, {0.00016533814161379112, 0, 0}}},
       Norms{{{0, 0, 0}, {0.0004179171803251336, 0.0017290828234722833, 0}}},
       Norms{{{0.0020827005846636437, 0, 0}, {8.826982764996862, 23.19243343998926, 0}}},
       Norms{{{95.1080498811086, 0.9863978034400682, 0.9834382792465353},
              {0.0012286405048278493, 171.2667255897307, 0.9807858872435379}}},
       Norms{{{0, 0, 0}, {0.0005130064588990679, 0, 0.00010854057858411537}}}}}}};

}  // namespace vaec::eval::ssimulacra2_parts
