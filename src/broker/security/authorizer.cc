#include "broker/security/authorizer.h"

#include <utility>

#include "broker/security/acl_text.h"

namespace ticklake::broker {
namespace {

/// A name may stand in it with three characters a byte.
constexpr uint64_t kFileBytesMax = 4 * Authorizer::kNameBytesMax;

}  // namespace

Authorizer::Authorizer(AuthorizerSettings settings, base::FileSystem& files, base::Path path,
                       const base::Clock& clock, base::Logger& logger)
    : settings_(std::move(settings)),
      files_(files),
      path_(std::move(path)),
      logger_(logger),
      denials_(clock, logger) {}

base::Result<std::unique_ptr<Authorizer>> Authorizer::open(AuthorizerSettings settings,
                                                           base::FileSystem& files, base::Path path,
                                                           const base::Clock& clock,
                                                           base::Logger& logger) {
  std::unique_ptr<Authorizer> authorizer(
      new Authorizer(std::move(settings), files, std::move(path), clock, logger));
  TICKLAKE_TRY(authorizer->load());
  if (authorizer->size() == 0 && authorizer->settings_.super_users.empty() &&
      !authorizer->settings_.allow_if_no_acl) {
    logger.warn(
        "nobody may do anything: there are neither ACLs nor super users; name one with "
        "--super-user");
  }
  return authorizer;
}

base::Result<void> Authorizer::load() {
  TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files_, path_, kFileBytesMax));
  if (!text) return {};
  auto acls = parse_acls(*text);
  if (!acls) return base::fail(std::move(acls).error().within(path_.string()));
  for (const kafka::Acl& acl : *acls)
    index_.add(acl);
  return {};
}

base::Result<void> Authorizer::write() {
  return base::replace_text(files_, path_, acls_as_text(index_.matching({})));
}

bool Authorizer::allows(const AclQuestion& question) const {
  if (settings_.super_users.contains(question.principal)) return true;
  switch (index_.check(question)) {
    case AclVerdict::kAllowed: return true;
    case AclVerdict::kDenied: return false;
    case AclVerdict::kNoAcl: break;
  }
  return settings_.allow_if_no_acl;
}

bool Authorizer::allows_somewhere(const AclQuestion& question) const {
  AclQuestion unheard_of = question;
  unheard_of.resource_name = "a name that no ACL is about, most likely";
  return allows(unheard_of) || index_.allows_somewhere(question);
}

base::Result<void> Authorizer::add(std::span<const kafka::Acl> acls) {
  std::vector<const kafka::Acl*> added;
  const auto undo = [&] {
    for (const kafka::Acl* const acl : added)
      index_.remove(*acl);
  };
  for (const kafka::Acl& acl : acls) {
    if (index_.add(acl)) added.push_back(&acl);
    if (index_.size() <= kAclsMax && index_.bytes() <= kNameBytesMax) continue;
    undo();
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "there would be more than " + std::to_string(kAclsMax) + " ACLs",
                      "so many, or " + std::to_string(kNameBytesMax) +
                          " bytes of names, is all that this broker keeps",
                      "use prefixed patterns");
  }
  if (added.empty()) return {};
  if (auto written = write(); !written) {
    undo();
    return written;
  }
  for (const kafka::Acl* const acl : added) {
    logger_.info("ACL added: {} {} {} {} {}", name_of(acl->permission), acl->principal,
                 name_of(acl->operation), name_of(acl->resource_type), acl->resource_name);
  }
  return {};
}

base::Result<std::vector<std::vector<kafka::Acl>>> Authorizer::remove(
    std::span<const kafka::AclFilter> filters) {
  std::vector<std::vector<kafka::Acl>> found;
  std::vector<kafka::Acl> removed;
  for (const kafka::AclFilter& filter : filters)
    found.push_back(index_.matching(filter));
  for (const auto& acls : found) {
    for (const kafka::Acl& acl : acls) {
      if (index_.remove(acl)) removed.push_back(acl);
    }
  }
  if (removed.empty()) return found;
  if (auto written = write(); !written) {
    for (const kafka::Acl& acl : removed)
      index_.add(acl);
    return tl::unexpected(std::move(written).error());
  }
  logger_.info("{} ACLs removed", removed.size());
  return found;
}

}  // namespace ticklake::broker
