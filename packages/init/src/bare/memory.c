/* Memory and text. Slow and small: the longest text here is a PATH. The compiler must not make a call of memset() out of memset(). */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  for (size_t i = 0; i < length; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memmove(void *to, const void *from, size_t length) {
  if ((char *)to <= (const char *)from) {
    for (size_t i = 0; i < length; i++) ((char *)to)[i] = ((const char *)from)[i];
  } else
    while (length-- > 0) ((char *)to)[length] = ((const char *)from)[length];
  return to;
}

void *memset(void *to, int byte, size_t length) {
  for (size_t i = 0; i < length; i++) ((char *)to)[i] = (char)byte;
  return to;
}

int memcmp(const void *one, const void *other, size_t length) {
  const unsigned char *a = one, *b = other;
  for (size_t i = 0; i < length; i++)
    if (a[i] != b[i]) return a[i] - b[i];
  return 0;
}

void *memchr(const void *in, int byte, size_t length) {
  for (const unsigned char *at = in; length-- > 0; at++)
    if (*at == (unsigned char)byte) return (void *)at;
  return NULL;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != '\0') length++;
  return length;
}

size_t strnlen(const char *text, size_t most) {
  size_t length = 0;
  while (length < most && text[length] != '\0') length++;
  return length;
}

char *strcpy(char *restrict to, const char *restrict from) { return memcpy(to, from, strlen(from) + 1); }

char *strchrnul(const char *text, int byte) {
  while (*text != '\0' && *text != (char)byte) text++;
  return (char *)text;
}

char *strchr(const char *text, int byte) {
  char *found = strchrnul(text, byte);
  return *found == (char)byte ? found : NULL;
}

char *strrchr(const char *text, int byte) {
  const char *found = NULL;
  do
    if (*text == (char)byte) found = text;
  while (*text++ != '\0');
  return (char *)found;
}

size_t strspn(const char *text, const char *accepted) {
  size_t length = 0;
  while (text[length] != '\0' && strchr(accepted, text[length])) length++;
  return length;
}

int strncmp(const char *one, const char *other, size_t most) {
  for (; most > 0; most--, one++, other++)
    if (*one != *other || *one == '\0') return (unsigned char)*one - (unsigned char)*other;
  return 0;
}

int strcmp(const char *one, const char *other) { return strncmp(one, other, (size_t)-1); }

static int lower(char letter) { return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : (unsigned char)letter; }

int strncasecmp(const char *one, const char *other, size_t most) {
  for (; most > 0; most--, one++, other++)
    if (lower(*one) != lower(*other) || *one == '\0') return lower(*one) - lower(*other);
  return 0;
}

int strcasecmp(const char *one, const char *other) { return strncasecmp(one, other, (size_t)-1); }
