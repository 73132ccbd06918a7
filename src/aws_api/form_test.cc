#include "aws_api/form.h"

#include <gtest/gtest.h>

namespace ticklake::aws_api {
namespace {

using Texts = std::vector<std::string>;

TEST(FormTest, reads_what_clients_of_the_query_protocol_write) {
  const auto form = Form::parse(
      "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A0%3Arole%2Fr&Policy=a+b%2Bc&Empty=&"
      "PolicyArns.member.1.arn=one&PolicyArns.member.2.arn=two&PolicyArns.member.4.arn=four");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->find("RoleArn"), "arn:aws:iam::0:role/r");
  EXPECT_EQ(form->find("Policy"), "a b+c");
  EXPECT_EQ(form->find("Empty"), "");
  EXPECT_FALSE(form->required("Empty"));
  EXPECT_FALSE(form->find("RoleSessionName"));
  EXPECT_EQ(form->list("PolicyArns", ".arn"), (Texts{"one", "two"}));
}

TEST(FormTest, what_could_mean_two_things_is_refused) {
  EXPECT_FALSE(Form::parse("UserName=a&UserName=b"));
  EXPECT_FALSE(Form::parse("UserName=a&User%4Eame=b"));
  EXPECT_FALSE(Form::parse("UserName=%zz"));
  EXPECT_FALSE(Form::parse("UserName=a%00b"));
}

TEST(FormTest, numbers_have_bounds) {
  const auto form = Form::parse("Low=0&High=11&Text=ten&Right=10");
  ASSERT_TRUE(form);
  for (const char* const name : {"Low", "High", "Text"})
    EXPECT_FALSE(form->number(name, 1, 10)) << name;
  EXPECT_EQ(*form->number("Right", 1, 10), 10);
  EXPECT_EQ(*form->number("Missing", 1, 10), std::nullopt);
}

TEST(FormTest, so_many_parameters_are_read_and_not_one_more) {
  std::string text;
  for (size_t i = 0; i < kFormParametersMax; ++i)
    text += "p" + std::to_string(i) + "=1&";
  EXPECT_TRUE(Form::parse(text));
  EXPECT_FALSE(Form::parse(text + "q=1"));
}

}  // namespace
}  // namespace ticklake::aws_api
