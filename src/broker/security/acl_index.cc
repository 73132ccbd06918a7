#include "broker/security/acl_index.h"

#include <algorithm>

namespace ticklake::broker {

using kafka::Acl;
using kafka::AclOperation;
using kafka::AclPermission;
using kafka::PatternType;
using kafka::ResourceType;

namespace {

bool implies(AclOperation granted, AclOperation asked) {
  switch (asked) {
    case AclOperation::kDescribe:
      return granted == AclOperation::kRead || granted == AclOperation::kWrite ||
             granted == AclOperation::kDelete || granted == AclOperation::kAlter;
    case AclOperation::kDescribeConfigs: return granted == AclOperation::kAlterConfigs;
    default: return false;
  }
}

size_t bytes_of(const Acl& acl) {
  return acl.resource_name.size() + acl.principal.size() + acl.host.size();
}

}  // namespace

bool AclIndex::add(const Acl& acl) {
  Patterns& patterns = by_type_.at(static_cast<size_t>(acl.resource_type));
  const auto [named, is_new_name] = patterns.of(acl.pattern_type).try_emplace(acl.resource_name);
  const bool is_new =
      named->second[acl.principal].insert({acl.host, acl.operation, acl.permission}).second;
  if (!is_new) return false;
  if (is_new_name && acl.pattern_type == PatternType::kPrefixed) {
    ++patterns.prefix_lengths[acl.resource_name.size()];
  }
  ++size_;
  bytes_ += bytes_of(acl);
  return true;
}

bool AclIndex::remove(const Acl& acl) {
  Patterns& patterns = by_type_.at(static_cast<size_t>(acl.resource_type));
  RulesByName& names = patterns.of(acl.pattern_type);
  const auto named = names.find(acl.resource_name);
  if (named == names.end()) return false;
  const auto held = named->second.find(acl.principal);
  if (held == named->second.end()) return false;
  if (held->second.erase({acl.host, acl.operation, acl.permission}) == 0) return false;
  --size_;
  bytes_ -= bytes_of(acl);
  if (held->second.empty()) named->second.erase(held);
  if (!named->second.empty()) return true;
  names.erase(named);
  if (acl.pattern_type != PatternType::kPrefixed) return true;
  const auto length = patterns.prefix_lengths.find(acl.resource_name.size());
  if (--length->second == 0) patterns.prefix_lengths.erase(length);
  return true;
}

bool AclIndex::is_meant(const Rule& rule, const AclQuestion& question) {
  if (rule.host != kafka::kWildcard && rule.host != question.host) return false;
  if (rule.operation == AclOperation::kAll || rule.operation == question.operation) return true;
  return rule.permission == AclPermission::kAllow && implies(rule.operation, question.operation);
}

AclIndex::Finding AclIndex::find(const RulesByPrincipal& rules, const AclQuestion& question) {
  Finding finding{.has_acl = true};
  for (const std::string_view principal : {question.principal, kafka::kEveryUser}) {
    const auto held = rules.find(principal);
    if (held == rules.end()) continue;
    for (const Rule& rule : held->second) {
      if (!is_meant(rule, question)) continue;
      const bool is_deny = rule.permission == AclPermission::kDeny;
      (is_deny ? finding.is_denied : finding.is_allowed) = true;
    }
  }
  return finding;
}

void AclIndex::look(const RulesByName& rules, std::string_view name, const AclQuestion& question,
                    Finding& finding) {
  const auto named = rules.find(name);
  if (named == rules.end()) return;
  const Finding here = find(named->second, question);
  finding.has_acl = true;
  finding.is_allowed = finding.is_allowed || here.is_allowed;
  finding.is_denied = finding.is_denied || here.is_denied;
}

AclVerdict AclIndex::check(const AclQuestion& question) const {
  const Patterns& all = patterns(question.resource_type);
  const std::string_view name = question.resource_name;
  Finding finding;
  look(all.literal, name, question, finding);
  if (name != kafka::kWildcard) look(all.literal, kafka::kWildcard, question, finding);
  for (const auto& [length, count] : all.prefix_lengths) {
    if (length > name.size()) break;
    look(all.prefixed, name.substr(0, length), question, finding);
  }
  if (finding.is_denied) return AclVerdict::kDenied;
  if (finding.is_allowed) return AclVerdict::kAllowed;
  return finding.has_acl ? AclVerdict::kDenied : AclVerdict::kNoAcl;
}

bool AclIndex::is_prefix_denied(const Patterns& patterns, std::string_view name,
                                const AclQuestion& question) {
  Finding finding;
  for (const auto& [length, count] : patterns.prefix_lengths) {
    if (length > name.size()) break;
    look(patterns.prefixed, name.substr(0, length), question, finding);
  }
  return finding.is_denied;
}

bool AclIndex::allows_somewhere(const AclQuestion& question) const {
  const Patterns& all = patterns(question.resource_type);
  Finding everywhere;
  look(all.literal, kafka::kWildcard, question, everywhere);
  if (everywhere.is_denied) return false;
  // Denies of single names leave others; so does one of a prefix.
  if (everywhere.is_allowed) return true;
  const auto is_left = [&](const auto& entry) {
    const Finding here = find(entry.second, question);
    return here.is_allowed && !here.is_denied && !is_prefix_denied(all, entry.first, question);
  };
  return std::ranges::any_of(all.prefixed, is_left) || std::ranges::any_of(all.literal, is_left);
}

void AclIndex::collect(ResourceType resource, PatternType pattern, const RulesByName& names,
                       const kafka::AclFilter& filter, std::vector<Acl>& into) {
  for (const auto& [name, principals] : names) {
    for (const auto& [principal, rules] : principals) {
      for (const Rule& rule : rules) {
        Acl acl{resource, pattern, name, principal, rule.host, rule.operation, rule.permission};
        if (filter.matches(acl)) into.push_back(std::move(acl));
      }
    }
  }
}

std::vector<Acl> AclIndex::matching(const kafka::AclFilter& filter) const {
  std::vector<Acl> found;
  for (size_t i = 0; i < by_type_.size(); ++i) {
    const auto type = static_cast<ResourceType>(i);
    if (filter.resource_type != ResourceType::kAny && filter.resource_type != type) continue;
    collect(type, PatternType::kLiteral, by_type_[i].literal, filter, found);
    collect(type, PatternType::kPrefixed, by_type_[i].prefixed, filter, found);
  }
  return found;
}

}  // namespace ticklake::broker
