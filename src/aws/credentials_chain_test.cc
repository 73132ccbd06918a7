#include "aws/credentials_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace ticklake::aws {
namespace {

using testing::HasSubstr;

class CredentialsChainTest : public testing::Test {
 protected:
  CredentialsChainTest() {
    variables["HOME"] = folder.path().string();
    EXPECT_TRUE(files.make_folders(folder.path() / ".aws"));
  }
  void write(const char* name, std::string_view text) {
    EXPECT_TRUE(base::replace_text(files, folder.path() / ".aws" / name, text));
  }
  base::Result<ClientSettings> find() {
    return find_client_settings(files, [&](const std::string& name) -> std::optional<std::string> {
      const auto at = variables.find(name);
      if (at == variables.end()) return std::nullopt;
      return at->second;
    });
  }

  base::TemporaryFolder folder;
  base::PosixFileSystem files;
  std::map<std::string, std::string> variables;
};

TEST_F(CredentialsChainTest, the_environment_comes_before_the_files) {
  write("credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
  variables["AWS_ACCESS_KEY_ID"] = "ENVIRONMENT";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  variables["AWS_SESSION_TOKEN"] = "token";
  variables["AWS_DEFAULT_REGION"] = "eu-west-3";
  const auto found = find();
  ASSERT_TRUE(found) << base::to_text(found.error());
  EXPECT_EQ(found->credentials, (Credentials{"ENVIRONMENT", "secret", "token"}));
  EXPECT_EQ(found->region, "eu-west-3");
  EXPECT_EQ(found->origin, "the environment");
}

TEST_F(CredentialsChainTest, a_profile_is_read_from_both_files) {
  write("credentials",
        "# keys\r\n[default]\r\naws_access_key_id=A\r\naws_secret_access_key=a=/+\r\n\r\n"
        "[dev]\naws_access_key_id = B\naws_secret_access_key = b\naws_session_token = t\n");
  write("config",
        "[default]\nregion = us-east-2\nendpoint_url = http://127.0.0.1:8090\n[profile "
        "dev]\nregion = eu-west-1\n"
        "s3 =\n  addressing_style = path\n; end\n");
  const auto standard = find();
  ASSERT_TRUE(standard) << base::to_text(standard.error());
  EXPECT_EQ(standard->credentials, (Credentials{"A", "a=/+", ""}));
  EXPECT_EQ(standard->region, "us-east-2");
  EXPECT_EQ(standard->endpoint_url, "http://127.0.0.1:8090");
  variables["AWS_PROFILE"] = "dev";
  const auto dev = find();
  ASSERT_TRUE(dev) << base::to_text(dev.error());
  EXPECT_EQ(dev->credentials, (Credentials{"B", "b", "t"}));
  EXPECT_EQ(dev->region, "eu-west-1");
  EXPECT_THAT(dev->origin, HasSubstr("profile dev in "));
}

TEST_F(CredentialsChainTest, what_is_missing_or_not_supported_is_said) {
  EXPECT_EQ(find().error().code, base::ErrorCode::kNotFound);
  write("config", "[default]\nsso_start_url = https://example.net\n");
  EXPECT_EQ(find().error().code, base::ErrorCode::kUnsupported);
  EXPECT_THAT(find().error().cause, HasSubstr("sso_start_url"));
  write("credentials", "[default]\naws_access_key_id = A\n");
  EXPECT_THAT(find().error().cause, HasSubstr("aws_secret_access_key is missing"));
  for (const char* const text : {"a = b\n", "[default\n", "[default]\nnonsense\n"}) {
    write("credentials", text);
    EXPECT_EQ(find().error().code, base::ErrorCode::kInvalidData) << text;
    EXPECT_THAT(find().error().what, HasSubstr(".aws/credentials"));
  }
}

}  // namespace
}  // namespace ticklake::aws
