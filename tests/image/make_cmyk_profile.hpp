// A profile of inks for tests.
#pragma once

#include <gtest/gtest.h>
#include <lcms2.h>

#include <cstddef>
#include <vector>

namespace vaec::image {

// Each ink takes its part of the light, black all, and the paper's gloss gives back a fiftieth.
inline cmsInt32Number ink(const cmsUInt16Number in[], cmsUInt16Number out[], void*) {
  const auto part = [&](int i) { return 1 - in[i] / 65535.; };
  const auto light_left = [&](double least, int i) {
    return 0.02 + 0.98 * part(3) * (least + (1 - least) * part(i));
  };
  const cmsCIEXYZ xyz{0.9642 * light_left(0.3, 0), light_left(0.2, 1), 0.8249 * light_left(0.1, 2)};
  cmsCIELab lab;
  cmsXYZ2Lab(nullptr, &lab, &xyz);
  cmsFloat2LabEncoded(out, &lab);
  return 1;
}

inline std::vector<std::byte> make_cmyk_profile() {
  const cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 4.3);
  cmsSetDeviceClass(profile, cmsSigInputClass);  // else lcms wants the way back, too, for the black point
  cmsSetColorSpace(profile, cmsSigCmykData);
  cmsSetPCS(profile, cmsSigLabData);
  cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, 4, 3);
  cmsStage* table = cmsStageAllocCLut16bit(nullptr, 9, 4, 3, nullptr);
  EXPECT_TRUE(cmsStageSampleCLut16bit(table, ink, nullptr, 0));
  EXPECT_TRUE(cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(nullptr, 4, nullptr)));
  EXPECT_TRUE(cmsPipelineInsertStage(pipeline, cmsAT_END, table));
  EXPECT_TRUE(cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(nullptr, 3, nullptr)));
  EXPECT_TRUE(cmsWriteTag(profile, cmsSigAToB0Tag, pipeline));
  EXPECT_TRUE(cmsLinkTag(profile, cmsSigAToB1Tag, cmsSigAToB0Tag));  // looked at for the black point
  cmsPipelineFree(pipeline);
  cmsUInt32Number size = 0;
  EXPECT_TRUE(cmsSaveProfileToMem(profile, nullptr, &size));
  std::vector<std::byte> icc(size);
  EXPECT_TRUE(cmsSaveProfileToMem(profile, icc.data(), &size));
  cmsCloseProfile(profile);
  return icc;
}

}  // namespace vaec::image
