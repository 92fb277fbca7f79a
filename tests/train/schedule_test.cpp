#include "train/schedule.hpp"

#include <gtest/gtest.h>

#include "failure.hpp"

namespace vaec::train {
namespace {

TEST(Schedule, WarmsUpThenStaysOrFalls) {
  for (const auto schedule : {Schedule::kConstant, Schedule::kCosine}) {
    EXPECT_NEAR(learning_rate_share(schedule, 0, 0), 1.0 / 200, 1e-12);
    EXPECT_NEAR(learning_rate_share(schedule, 99, 0), 0.5, 1e-12);
    EXPECT_NEAR(learning_rate_share(schedule, 199, 0), 1, 1e-12);
  }
  for (const double done : {0.0, 0.3, 1.0})
    EXPECT_EQ(learning_rate_share(Schedule::kConstant, 1000000, done), 1);
  EXPECT_NEAR(learning_rate_share(Schedule::kCosine, 1000, 0.5), 0.505, 1e-12);
  EXPECT_NEAR(learning_rate_share(Schedule::kCosine, 1000, 1), 0.01, 1e-12);
}

TEST(Schedule, HasTwoNames) {
  EXPECT_EQ(schedule_from("cosine"), Schedule::kCosine);
  EXPECT_EQ(schedule_from("constant"), Schedule::kConstant);
  EXPECT_NE(failure(ErrorCode::kUsage, [] { (void)schedule_from("step"); }).find("step"), std::string::npos);
}

// What repeats a run exactly must not depend on the clock.
TEST(Validations, OfARunOfStepsComeByTheirNumber) {
  Validations validations(0, 12000, 0);
  for (std::int64_t step = 1; step <= 12000; ++step) {
    const double now = static_cast<double>(step) * 1e6;
    ASSERT_EQ(validations.due(step, now), step % 1000 == 0) << step;
    if (validations.due(step, now)) validations.made(now, now + 1e9);
  }
  EXPECT_FALSE(Validations(0, 24, 0).due(2, 0)) << "a short run validates at its end";
}

struct Simulated {
  int steps = 0, validations = 0;
  double share = 0;  // of the time that validations took
};
Simulated simulated(Validations validations, double minutes, double step_seconds, double validation_seconds) {
  Simulated result;
  double now = 0, validating = 0;
  validations.made(now, now);
  while (now < minutes * 60) {
    now += step_seconds;
    ++result.steps;
    if (!validations.due(result.steps, now)) continue;
    validations.made(now, now + validation_seconds);
    now += validation_seconds;
    validating += validation_seconds;
    ++result.validations;
  }
  result.share = validating / now;
  return result;
}

TEST(Validations, OfARunByTheClockComeByTheClock) {
  EXPECT_EQ(simulated({0, 0, 60}, 60, 0.5, 2).validations, 12);
  EXPECT_EQ(simulated({30, 0, 600}, 600, 0.5, 2).validations, 20);
}

// On a busy machine all is slow: the steps still get nine tenths of the time.
TEST(Validations, LeaveTheTimeToTheStepsHoweverSlowTheMachine) {
  for (const double slower : {1.0, 20.0, 300.0}) {
    const auto result = simulated({1, 0, 600}, 600, 0.8 * slower, 2 * slower);
    EXPECT_LE(result.share, 0.1 + 1e-9) << slower;
    EXPECT_GT(result.validations, 0) << slower;
  }
}

}  // namespace
}  // namespace vaec::train
