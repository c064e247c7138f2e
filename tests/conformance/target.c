/* SPDX-License-Identifier: MIT */
/* Targets of the conformance suite, from the command line's words. */
#include "tests/conformance/conformance.h"

static const char *const kind_names[NR_KINDS] = {
	[MEMORY] = "memory",
	[FILE_DISK] = "file",
	[LOOP_DISK] = "loop",
	[VHOST_USER_DISK] = "vhost-user",
};

static bool add_setting(struct target *t, const char *word)
{
	struct setting *s = &t->settings[t->nr_settings];
	size_t len = strcspn(word, "=");

	if (word[len] != '=' || len == 0 || len >= sizeof(s->name) ||
	    t->nr_settings == ARRAY_SIZE(t->settings))
		return false;
	memcpy(s->name, word, len);
	s->name[len] = '\0';
	s->value = word + len + 1;
	t->nr_settings++;
	return true;
}

static bool bad_word(const char *word)
{
	fprintf(stderr, "conformance: not valid: %s\n", word);
	return false;
}

/* Its row, and what every target of the kind needs; false: there is none. */
static bool find_row(struct target *t, const char *driver, const char *kind)
{
	for (int i = 0; i < NR_KINDS && !t->facts; i++) {
		t->kind = (enum kind)i;
		if (strcmp(kind_names[i], kind) == 0)
			t->facts = facts_find(driver, t->kind);
	}
	if (!t->facts)
		return false;
	t->driver = t->facts->driver;
	return t->kind != MEMORY || add_setting(t, "size=1048576");
}

bool target_parse(struct target *t, int nr_words, char **words)
{
	*t = (struct target){.facts = NULL};
	if (nr_words < 2)
		return false;
	if (!find_row(t, words[0], words[1]))
		return bad_word(words[1]);
	for (int i = 2; i < nr_words; i++)
		if (!add_setting(t, words[i]))
			return bad_word(words[i]);
	return true;
}

const char *target_setting(const struct target *t, const char *name)
{
	for (int i = 0; i < t->nr_settings; i++)
		if (strcmp(t->settings[i].name, name) == 0)
			return t->settings[i].value;
	return NULL;
}

bool target_has(const struct target *t, const char *name)
{
	const char *value = target_setting(t, name);

	return value && strcmp(value, "true") == 0;
}
