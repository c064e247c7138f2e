/* SPDX-License-Identifier: MIT */
/*
 * Mode and owner of socket files: see access.h. A number is taken as it is: a
 * container may know no names. Failure modes: as named, with text.
 */
#include "cli/access.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "util/size.h"

/* (uid_t)-1 and (gid_t)-1 mean none */
#define ID_MAX (UINT32_MAX - 1)

int access_parse_mode(const char *text, struct listener_access *access,
		      struct err *err)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (text[0] < '0' || text[0] > '7' || *end || mode > 0777)
		return err_set(err, EINVAL,
			       "mode '%s', octal digits up to 777 wanted",
			       text);
	access->mode = mode;
	return 0;
}

static int find_user(const char *name, uid_t *uid)
{
	const struct passwd *user = getpwnam(name);
	uint64_t number;

	if (user)
		*uid = user->pw_uid;
	else if (number_parse(name, ID_MAX, &number) == 0)
		*uid = number;
	else
		return -EINVAL;
	return 0;
}

static int find_group(const char *name, gid_t *gid)
{
	const struct group *group = getgrnam(name);
	uint64_t number;

	if (group)
		*gid = group->gr_gid;
	else if (number_parse(name, ID_MAX, &number) == 0)
		*gid = number;
	else
		return -EINVAL;
	return 0;
}

int access_parse_owner(const char *text, struct listener_access *access,
		       struct err *err)
{
	const char *colon = strchrnul(text, ':');
	char user[64];
	size_t len = colon - text;

	if (len >= sizeof(user) || strlen(text) == 0 || strcmp(text, ":") == 0)
		return err_set(err, EINVAL,
			       "owner '%s', USER, USER:GROUP or :GROUP wanted",
			       text);
	memcpy(user, text, len);
	user[len] = '\0';
	if (len > 0 && find_user(user, &access->owner) < 0)
		return err_set(err, EINVAL,
			       "owner '%s', a user's name or number wanted",
			       user);
	if (*colon && find_group(colon + 1, &access->group) < 0)
		return err_set(err, EINVAL,
			       "owner '%s', a group's name or number wanted",
			       text);
	return 0;
}
