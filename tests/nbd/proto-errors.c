/* SPDX-License-Identifier: MIT */
/* Every errno becomes one of the eight error values of NBD, none a success. */
#include <errno.h>

#include "proto/nbd.h"
#include "tests/check.h"

int main(void)
{
	static const struct {
		int errnum, want;
	} exact[] = {
		{EPERM, 1},   {EACCES, 1},  {EROFS, 1},	    {EIO, 5},
		{ENOMEM, 12}, {EINVAL, 22}, {ENOSPC, 28},   {EDQUOT, 28},
		{EFBIG, 28},  {ENOTSUP, 95}, {EOVERFLOW, 75},
		{ESHUTDOWN, 108}, {ENODEV, 5}, {ECANCELED, 5},
	};

	for (size_t i = 0; i < ARRAY_SIZE(exact); i++)
		check_int(nbd_error_from_errno(-exact[i].errnum),
			  exact[i].want);
	check_int(nbd_error_from_errno(0), 0);
	for (int i = 1; i < 4096; i++) {
		int e = nbd_error_from_errno(-i);

		check(e == 1 || e == 5 || e == 12 || e == 22 || e == 28 ||
		      e == 75 || e == 95 || e == 108);
	}
	return 0;
}
