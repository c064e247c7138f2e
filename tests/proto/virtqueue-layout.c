/* SPDX-License-Identifier: MIT */
/*
 * Sizes: which are a ring's, what its parts need, where the driver puts them
 * (aligned, apart, the device's on cache lines of its own), and which
 * configurations neither end begins with.
 */
#include "vq_pair.h"

static void sizes(void)
{
	struct err err = ERR_INIT;

	check_int(vq_check_size(0, false, &err), -EINVAL);
	check_int(vq_check_size(0, true, &err), -EINVAL);
	check_contains(err.text, "size 0");
	check_int(vq_check_size(3, false, &err), -EINVAL);
	check_contains(err.text, "size 3, a power of two");
	check_int(vq_check_size(3, true, &err), 0);
	check_int(vq_check_size(32768, false, &err), 0);
	check_int(vq_check_size(32768, true, &err), 0);
	check_int(vq_check_size(65536, false, &err), -EINVAL);
	check_int(vq_check_size(32769, true, &err), -EINVAL);

	check_int(vq_desc_area_bytes(256), 4096);
	check_int(vq_driver_area_bytes(256, false), 6 + 2 * 256);
	check_int(vq_device_area_bytes(256, false), 6 + 8 * 256);
	check_int(vq_driver_area_bytes(256, true), 4);
	check_int(vq_device_area_bytes(256, true), 4);
	check_int(vq_inflight_bytes(1, false), 64);
	check_int(vq_inflight_bytes(256, false), 64 + 16 * 256);
	check_int(vq_inflight_bytes(256, true), 64 + 32 * 256);
	check(VQ_BASE_START(false) == 0);
	check(VQ_BASE_START(true) == vq_base_packed(0, true, 0, true));
	check(vq_base_packed(0x1234, false, 0x4321, true) == 0xc3211234);
}

static void areas(uint32_t size, uint64_t features, uint32_t segments)
{
	bool packed = features & VIRTIO_F_RING_PACKED;
	struct vq_driver_layout l;
	struct err err = ERR_INIT;

	check_int(vq_driver_layout(&l, size, segments, features, &err), 0);
	check_int(l.desc, 0);
	check(l.driver >= vq_desc_area_bytes(size));
	check(l.device >= l.driver + vq_driver_area_bytes(size, packed));
	check(l.tables >= l.device + vq_device_area_bytes(size, packed));
	check(IS_ALIGNED(l.driver | l.device | l.tables, 64));
	if (segments > 0 && (features & VIRTIO_F_INDIRECT_DESC)) {
		check(l.table_stride >= 16 * segments);
		check(l.table_stride % 128 == 64);
		check(l.bytes == l.tables + size * l.table_stride);
	} else {
		check(l.table_stride == 0 && l.bytes == l.tables);
	}
}

static void refused(void)
{
	struct vq_driver_config config;
	struct vq_device_config device;
	struct vq_driver drv;
	struct vq_device dev;
	struct pair p;

	pair_open(&p, 8, 0, 0);
	config = p.config;
	config.size = 6;
	check_int(vq_driver_init(&drv, &config, &p.err), -EINVAL);
	config = p.config;
	config.ring_addr += 32;
	check_int(vq_driver_init(&drv, &config, &p.err), -EINVAL);
	check_contains(p.err.text, "not aligned");
	config = p.config;
	config.table_segments = VQ_SIZE_MAX + 1;
	check_int(vq_driver_init(&drv, &config, &p.err), -EINVAL);
	check_contains(p.err.text, "32769 segments");

	device = pair_device_config(&p);
	device.size = 6;
	check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
	for (unsigned i = 0; i < 3; i++) {
		device = pair_device_config(&p);
		*(i == 0   ? &device.desc
		  : i == 1 ? &device.driver
			   : &device.device) = p.host + 1;
		check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
		check_contains(p.err.text, "not aligned");
	}
	/* used index 0, so that 0 to 8 may have been popped before */
	for (uint32_t base = 0; base < 12; base++) {
		device = pair_device_config(&p);
		device.base = base;
		check_int(vq_device_init(&dev, &device, &p.err),
			  base <= 8 ? 0 : -EINVAL);
	}
	device.base = 0x10000;
	check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
	device.features = VIRTIO_F_RING_PACKED;
	device.base = vq_base_packed(8, true, 0, true);
	check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
	device.base = vq_base_packed(0, true, 8, true);
	check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
	device.base = vq_base_packed(2, true, 3, true);
	check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
	device.base = vq_base_packed(4, false, 3, true);
	check_int(vq_device_init(&dev, &device, &p.err), -EINVAL);
	check_contains(p.err.text, "base 0x80030004");
	device.base = vq_base_packed(3, false, 3, true);
	check_int(vq_device_init(&dev, &device, &p.err), 0);
	device.base = vq_base_packed(7, false, 2, false);
	check_int(vq_device_init(&dev, &device, &p.err), 0);
	check(vq_device_base(&dev) == device.base);
	pair_close(&p);
}

/* What never fits is said so at once, what doesn't fit now otherwise. */
static void room(void)
{
	struct vq_segment segs[9];
	struct pair p;

	pair_open(&p, 4, VIRTIO_F_INDIRECT_DESC, 8);
	for (unsigned i = 0; i < 9; i++)
		segs[i] = (struct vq_segment){pair_data(&p), 1};
	check_int(vq_driver_max_segments(&p.drv), 8);
	check_int(vq_driver_add(&p.drv, segs, 0, 0, NULL), -EINVAL);
	check_int(vq_driver_add(&p.drv, segs, 4, 5, NULL), -EINVAL);
	for (unsigned i = 0; i < 4; i++)
		check(vq_driver_add(&p.drv, segs, 4, 4, NULL) >= 0);
	check_int(vq_driver_add(&p.drv, segs, 1, 0, NULL), -EAGAIN);
	check_int(vq_driver_add(&p.drv, segs, 4, 5, NULL), -EINVAL);
	check_int(vq_driver_add(&p.drv, segs, 0, 0, NULL), -EINVAL);
	pair_close(&p);

	/* tables smaller than the ring: then descriptors do it */
	pair_open(&p, 4, VIRTIO_F_INDIRECT_DESC, 2);
	check_int(vq_driver_max_segments(&p.drv), 4);
	check(vq_driver_add(&p.drv, segs, 1, 1, NULL) >= 0);
	check_int(vq_driver_free(&p.drv), 3);
	check_int(vq_driver_add(&p.drv, segs, 2, 2, NULL), -EAGAIN);
	check(vq_driver_add(&p.drv, segs, 2, 1, NULL) >= 0);
	check_int(vq_driver_free(&p.drv), 0);
	pair_close(&p);
}

int main(void)
{
	sizes();
	for (unsigned mode = 0; mode < PAIR_MODES; mode++)
		for (uint32_t size = 1; size <= 32768; size *= 2)
			for (uint32_t segments = 0; segments < 300;
			     segments += 1 + segments)
				areas(size, pair_features(mode), segments);
	refused();
	room();
	return 0;
}
