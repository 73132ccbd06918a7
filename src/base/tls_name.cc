#include "base/tls_name.h"

#include <array>
#include <memory>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

namespace ticklake::base {
namespace {

/// RFC 2253, section 2.3.
const char* keyword_of(int nid) {
  switch (nid) {
    case NID_commonName: return "CN";
    case NID_countryName: return "C";
    case NID_localityName: return "L";
    case NID_stateOrProvinceName: return "ST";
    case NID_organizationName: return "O";
    case NID_organizationalUnitName: return "OU";
    case NID_streetAddress: return "STREET";
    case NID_domainComponent: return "DC";
    case NID_userId: return "UID";
    default: return nullptr;
  }
}

std::string hex_of_der(const ASN1_STRING* value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  ASN1_TYPE type{};
  type.type = ASN1_STRING_type(value);
  type.value.asn1_string = const_cast<ASN1_STRING*>(value);
  unsigned char* der = nullptr;
  const int size = i2d_ASN1_TYPE(&type, &der);
  std::string text = "#";
  for (int i = 0; i < size; ++i) {
    text += kDigits[der[i] >> 4];
    text += kDigits[der[i] & 15];
  }
  OPENSSL_free(der);
  return text;
}

std::string text_of(const ASN1_STRING* value) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  // Letters beyond ASCII stand for themselves, as UTF-8.
  ASN1_STRING_print_ex(bio.get(), value,
                       ASN1_STRFLGS_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
  return {data, static_cast<size_t>(size)};
}

std::string text_of(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* const object = X509_NAME_ENTRY_get_object(entry);
  const ASN1_STRING* const value = X509_NAME_ENTRY_get_data(entry);
  if (const char* const keyword = keyword_of(OBJ_obj2nid(object))) {
    return std::string(keyword) + "=" + text_of(value);
  }
  std::array<char, 128> number{};
  OBJ_obj2txt(number.data(), static_cast<int>(number.size()), object, 1);
  return std::string(number.data()) + "=" + hex_of_der(value);
}

}  // namespace

std::string to_rfc2253(const X509_name_st* name) {
  std::string text;
  int set_before = -1;
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
    const int set = X509_NAME_ENTRY_set(entry);
    if (set_before >= 0) text += set == set_before ? '+' : ',';
    text += text_of(entry);
    set_before = set;
  }
  return text;
}

}  // namespace ticklake::base
