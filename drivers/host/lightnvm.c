// SPDX-License-Identifier: GPL-2.0
/*
 * host/lightnvm.c - the other host binding: namespaces as lightnvm devices of their
 * own, with no NVMe controller between (attach=lightnvm)
 *
 * The host is the kernel's own lightnvm core, so addresses are pointers and
 * need no check; counts and addresses go the same way as everybody's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/kernel.h>
#include <linux/lightnvm.h>
#include <linux/mempool.h>
#include <linux/slab.h>

#include "oc12.h"
#include "oc_cmd.h"
#include "oc_ctrl.h"
#include "oc_dev.h"
#include "oc_geometry.h"
#include "oc_host.h"
#include "oc_ns.h"
#include "oc_wire.h"

/* ---- commands --------------------------------------------------------- */

/**
 * struct oc_nvm - a namespace that is a lightnvm device
 * @ns:		namespace
 * @ndev:	what lightnvm knows
 * @q:		limits for those who build bios; nothing is queued there
 * @queue:	a queue with no controller
 * @pool:	commands
 */
struct oc_nvm {
	struct oc_ns *ns;
	struct nvm_dev *ndev;
	struct request_queue *q;
	struct oc_queue queue;
	mempool_t *pool;
};

/**
 * struct oc_nvm_cmd - a command of lightnvm's
 * @nvm:	device
 * @rqd:	lightnvm's request
 * @kvec:	data that came as a kernel address
 * @sqe:	the command
 * @cmd:	what the device sees; its parts follow
 */
struct oc_nvm_cmd {
	struct oc_nvm *nvm;
	struct nvm_rq *rqd;
	struct kvec kvec;
	union {
		struct nvme_command nvme;
		struct oc_wire_vector vector;
	} sqe;
	struct oc_cmd cmd;
};

#define OC_NVM_POOL	64	/* commands that can always be in flight */

/**
 * struct oc_nvms - the namespaces of a device that are lightnvm devices
 * @nr:		how many
 * @nvm:	each
 */
struct oc_nvms {
	u32 nr;
	struct oc_nvm nvm[];
};

static struct oc_nvm_cmd *to_nvm_cmd(struct oc_cmd *cmd)
{
	return container_of(cmd, struct oc_nvm_cmd, cmd);
}

static void *oc_nvm_map(struct oc_cmd *cmd, u16 where, u64 handle, u32 len)
{
	return to_nvm_cmd(cmd)->rqd->ppa_list;
}

static const struct oc_host_ops oc_nvm_host_ops = {
	.map	= oc_nvm_map,
};

static void oc_nvm_done(struct oc_cmd *cmd)
{
	struct oc_nvm_cmd *nc = to_nvm_cmd(cmd);
	struct nvm_rq *rqd = nc->rqd;

	rqd->error = cmd->status;
	rqd->ppa_status = le64_to_cpu(cmd->result.u64);
	mempool_free(nc, nc->nvm->pool);
	nvm_end_io(rqd);
}

static void oc_nvm_map_data(struct oc_nvm_cmd *nc, void *buf)
{
	struct nvm_rq *rqd = nc->rqd;
	struct oc_cmd *cmd = &nc->cmd;
	unsigned int dir = rqd->opcode == OC_CMD_VECTOR_WRITE ? WRITE : READ;
	struct bio *bio = rqd->bio;

	cmd->to_host = dir == READ;
	cmd->listed = rqd->nr_ppas > 1;
	if (buf) {
		cmd->data_len = rqd->nr_ppas << nc->nvm->ns->geo.lba_shift;
		nc->kvec.iov_base = buf;
		nc->kvec.iov_len = cmd->data_len;
		iov_iter_kvec(&cmd->data, dir, &nc->kvec, 1, cmd->data_len);
	} else if (bio) {
		cmd->data_len = bio->bi_iter.bi_size;
		iov_iter_bvec(&cmd->data, dir,
			      __bvec_iter_bvec(bio->bi_io_vec, bio->bi_iter),
			      bio_segments(bio), cmd->data_len);
		cmd->data.iov_offset = bio->bi_iter.bi_bvec_done;
	} else {
		cmd->data_len = 0;
		iov_iter_kvec(&cmd->data, dir, NULL, 0, 0);
	}
}

static int oc_nvm_submit_io(struct nvm_dev *ndev, struct nvm_rq *rqd, void *buf)
{
	struct oc_nvm *nvm = ndev->private_data;
	struct oc_nvm_cmd *nc = mempool_alloc(nvm->pool, GFP_NOIO);

	memset(&nc->sqe, 0, sizeof(nc->sqe));
	nc->nvm = nvm;
	nc->rqd = rqd;
	nc->sqe.vector.opcode = rqd->opcode;
	nc->sqe.vector.lbal = cpu_to_le64(rqd->ppa_addr.ppa);
	nc->sqe.vector.nlb = cpu_to_le16(rqd->nr_ppas - 1);
	nc->sqe.vector.control = cpu_to_le16(rqd->flags);

	nc->cmd.sqe = &nc->sqe.nvme;
	nc->cmd.host = &oc_nvm_host_ops;
	nc->cmd.done = oc_nvm_done;
	nc->cmd.queue = &nvm->queue;
	oc_nvm_map_data(nc, buf);
	nc->cmd.meta = rqd->meta_list;
	nc->cmd.meta_len = rqd->meta_list ?
		rqd->nr_ppas * nvm->ns->geo.oob_size : 0;
	/* A reset has no OOB; its descriptors are nobody's here */
	if (rqd->opcode == OC_CMD_VECTOR_RESET)
		nc->cmd.meta = NULL;
	oc_cmd_submit_ns(&nc->cmd, nvm->ns);
	return 0;
}

/* ---- what the device is ----------------------------------------------- */

static void oc_nvm_identity_20(struct nvm_geo *geo, const struct oc_ns *ns,
			       const void *page)
{
	const struct oc_wire_geometry *id = page;
	struct nvm_addrf *af = &geo->addrf;

	geo->major_ver_id = id->mjr;
	geo->minor_ver_id = id->mnr;
	geo->version = NVM_OCSSD_SPEC_20;
	geo->num_chk = ns->geo.num_chk;
	geo->clba = ns->geo.clba;
	geo->ws_min = ns->geo.ws_min;
	geo->ws_opt = ns->geo.ws_opt;
	geo->mw_cunits = ns->geo.mw_cunits;
	geo->trdt = le32_to_cpu(id->trdt);
	geo->trdm = le32_to_cpu(id->trdm);
	geo->tprt = le32_to_cpu(id->twrt);
	geo->tprm = le32_to_cpu(id->twrm);
	geo->tbet = le32_to_cpu(id->tcrst);
	geo->tbem = le32_to_cpu(id->tcrsm);

	af->sec_len = ns->geo.sec_len;
	af->chk_len = ns->geo.chk_len;
	af->lun_len = ns->geo.pu_len;
	af->ch_len = ns->geo.grp_len;
	af->chk_offset = af->sec_offset + af->sec_len;
	af->lun_offset = af->chk_offset + af->chk_len;
	af->ch_offset = af->lun_offset + af->lun_len;
	af->sec_mask = (BIT_ULL(af->sec_len) - 1) << af->sec_offset;
	af->chk_mask = (BIT_ULL(af->chk_len) - 1) << af->chk_offset;
	af->lun_mask = (BIT_ULL(af->lun_len) - 1) << af->lun_offset;
	af->ch_mask = (BIT_ULL(af->ch_len) - 1) << af->ch_offset;
}

static u64 oc_nvm_mask(const struct oc12_wire_field *field)
{
	return (BIT_ULL(field->len) - 1) << field->off;
}

#define OC_NVM_FIELD(_af, _name, _field)				\
	do {								\
		(_af)->_name##_len = (_field)->len;			\
		(_af)->_name##_offset = (_field)->off;			\
		(_af)->_name##_mask = oc_nvm_mask(_field);		\
	} while (0)

/* Counts that nvme-core would derive from the same page for its namespaces */
static void oc_nvm_identity_12(struct nvm_geo *geo, const struct oc_ns *ns,
			       const void *page)
{
	const struct oc12_wire_identity *id = page;
	const struct oc12_wire_group *grp = &id->grp[0];
	struct nvm_addrf_12 *af = (struct nvm_addrf_12 *)&geo->addrf;
	u32 spp = ns->geo.secs_per_pg;

	geo->major_ver_id = id->ver_id;
	geo->minor_ver_id = 2;
	geo->version = NVM_OCSSD_SPEC_12;
	geo->num_chk = le16_to_cpu(grp->num_blk);
	geo->num_pln = grp->num_pln;
	geo->pln_mode = grp->num_pln;
	geo->num_pg = le16_to_cpu(grp->num_pg);
	geo->fpg_sz = le16_to_cpu(grp->fpg_sz);
	geo->clba = ns->geo.clba * grp->num_pln;
	geo->ws_min = spp;
	geo->ws_opt = spp * grp->num_pln;
	geo->mw_cunits = spp * 8;
	geo->maxoc = ns->geo.num_grp * ns->geo.num_pu * geo->num_chk;
	geo->maxocpu = geo->num_chk;
	geo->vmnt = id->vmnt;
	geo->cap = le32_to_cpu(id->cap);
	geo->dom = le32_to_cpu(id->dom);
	geo->mccap = le32_to_cpu(grp->mccap);
	geo->mtype = grp->mtype;
	geo->fmtype = grp->fmtype;
	geo->cpar = le16_to_cpu(grp->cpar);
	geo->mpos = le32_to_cpu(grp->mpos);
	geo->trdt = le32_to_cpu(grp->trdt);
	geo->trdm = le32_to_cpu(grp->trdm);
	geo->tprt = le32_to_cpu(grp->tprt);
	geo->tprm = le32_to_cpu(grp->tprm);
	geo->tbet = le32_to_cpu(grp->tbet);
	geo->tbem = le32_to_cpu(grp->tbem);

	OC_NVM_FIELD(af, ch, &id->ch);
	OC_NVM_FIELD(af, lun, &id->lun);
	OC_NVM_FIELD(af, blk, &id->blk);
	OC_NVM_FIELD(af, pg, &id->pg);
	OC_NVM_FIELD(af, pln, &id->pln);
	OC_NVM_FIELD(af, sec, &id->sec);
}

static int oc_nvm_identity(struct nvm_dev *ndev)
{
	const struct oc_ns *ns = ((struct oc_nvm *)ndev->private_data)->ns;
	struct nvm_geo *geo = &ndev->geo;
	u8 *page;

	/* What either version answers to E2h */
	page = kzalloc(NVME_IDENTIFY_DATA_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	ns->kind->geometry(ns, page);

	/* Both specifications begin with the version */
	if (page[0] == 1)
		oc_nvm_identity_12(geo, ns, page);
	else
		oc_nvm_identity_20(geo, ns, page);
	kfree(page);

	geo->num_ch = ns->geo.num_grp;
	geo->num_lun = ns->geo.num_pu;
	geo->all_luns = geo->num_ch * geo->num_lun;
	geo->all_chunks = geo->all_luns * geo->num_chk;
	geo->total_secs = oc_geo_sectors(&ns->geo);
	return 0;
}

static int oc_nvm_errno(u16 status)
{
	return status ? -EIO : 0;
}

static int oc_nvm_get_bb_tbl(struct nvm_dev *ndev, struct ppa_addr ppa,
			     u8 *blks)
{
	struct oc_ns *ns = ((struct oc_nvm *)ndev->private_data)->ns;
	struct oc12_wire_bbt *bbt = kzalloc(oc12_bbt_len(ns), GFP_KERNEL);
	int ret;

	if (!bbt)
		return -ENOMEM;
	ret = oc_nvm_errno(oc12_bbt_get(ns, ppa.ppa, bbt));
	if (!ret)
		memcpy(blks, bbt->blk, le32_to_cpu(bbt->tblks));
	kfree(bbt);
	return ret;
}

static int oc_nvm_set_bb_tbl(struct nvm_dev *ndev, struct ppa_addr *ppas,
			     int nr, int type)
{
	struct oc_ns *ns = ((struct oc_nvm *)ndev->private_data)->ns;
	__le64 ppa = cpu_to_le64(ppas->ppa);

	/* Of several, what is passed is the bus address of their list */
	return oc_nvm_errno(oc12_bbt_set(ns, nr == 1 ? &ppa :
					 (void *)(uintptr_t)ppas->ppa, nr,
					 type));
}

static int oc_nvm_get_chk_meta(struct nvm_dev *ndev, sector_t slba, int nchks,
			       struct nvm_chk_meta *meta)
{
	struct oc_nvm *nvm = ndev->private_data;
	u32 len = nchks * sizeof(struct oc_wire_chunk);
	struct oc_wire_chunk *log;
	struct oc_addr addr;
	struct kvec kvec;
	struct oc_cmd *cmd;
	int i, ret = -ENOMEM;
	u64 first;

	if (!oc_geo_decode(&nvm->ns->geo, slba, &addr))
		return -EINVAL;
	cmd = kzalloc(sizeof(*cmd), GFP_KERNEL);
	log = kvmalloc(len, GFP_KERNEL);
	if (!cmd || !log)
		goto out;

	cmd->ns = nvm->ns;
	cmd->data_len = len;
	kvec.iov_base = log;
	kvec.iov_len = len;
	iov_iter_kvec(&cmd->data, READ, &kvec, 1, len);
	first = (u64)addr.grp * nvm->ns->geo.chks + addr.chk;
	ret = nvm->ns->kind->chunk_log(cmd, first * sizeof(*log), len) ?
		-EIO : 0;
	for (i = 0; !ret && i < nchks; i++, meta++) {
		meta->state = log[i].cs;
		meta->type = log[i].ct;
		meta->wi = log[i].wli;
		meta->slba = le64_to_cpu(log[i].slba);
		meta->cnlb = le64_to_cpu(log[i].cnlb);
		meta->wp = le64_to_cpu(log[i].wp);
	}
out:
	kvfree(log);
	kfree(cmd);
	return ret;
}

/* ---- its pool of address lists ---------------------------------------- */

static void *oc_nvm_create_pool(struct nvm_dev *ndev, char *name, int size)
{
	return kmem_cache_create("ocloop_ppalist", size, sizeof(u64), 0, NULL);
}

static void oc_nvm_destroy_pool(void *pool)
{
	kmem_cache_destroy(pool);
}

static void *oc_nvm_alloc(struct nvm_dev *ndev, void *pool, gfp_t gfp,
			  dma_addr_t *handle)
{
	void *addr = kmem_cache_alloc(pool, gfp);

	/* Commands have the address; marks of bad blocks have only this */
	*handle = (uintptr_t)addr;
	return addr;
}

static void oc_nvm_free(void *pool, void *addr, dma_addr_t handle)
{
	kmem_cache_free(pool, addr);
}

static struct nvm_dev_ops oc_nvm_ops = {
	.identity		= oc_nvm_identity,
	.get_bb_tbl		= oc_nvm_get_bb_tbl,
	.set_bb_tbl		= oc_nvm_set_bb_tbl,
	.get_chk_meta		= oc_nvm_get_chk_meta,
	.submit_io		= oc_nvm_submit_io,
	.create_dma_pool	= oc_nvm_create_pool,
	.destroy_dma_pool	= oc_nvm_destroy_pool,
	.dev_dma_alloc		= oc_nvm_alloc,
	.dev_dma_free		= oc_nvm_free,
};

/* ---- attach and detach ------------------------------------------------ */

static void oc_nvm_exit(struct oc_nvm *nvm)
{
	if (nvm->ndev) {
		oc_nvm_remove_targets(nvm->ndev, true);
		nvm_unregister(nvm->ndev);
	}
	if (nvm->q)
		blk_cleanup_queue(nvm->q);
	mempool_destroy(nvm->pool);
}

static int oc_nvm_init(struct oc_nvm *nvm, struct oc_ns *ns)
{
	const struct oc_dev *dev = ns->dev;
	size_t size = sizeof(struct oc_nvm_cmd) +
		oc_cmd_max_parts(dev) * sizeof(struct oc_part);
	struct nvm_dev *ndev;

	nvm->ns = ns;
	nvm->queue.ops = &oc_queue_ops;
	nvm->pool = mempool_create_kmalloc_pool(OC_NVM_POOL, size);
	nvm->q = blk_alloc_queue(NUMA_NO_NODE);
	if (!nvm->pool || !nvm->q)
		return -ENOMEM;
	blk_queue_logical_block_size(nvm->q, ns->geo.lba_size);
	blk_queue_physical_block_size(nvm->q, ns->geo.lba_size);
	blk_queue_max_hw_sectors(nvm->q, OC_VECTOR_MAX * ns->geo.lba_size >>
					 SECTOR_SHIFT);
	blk_queue_max_segments(nvm->q, OC_VECTOR_MAX);

	ndev = nvm_alloc_dev(NUMA_NO_NODE);
	if (!ndev)
		return -ENOMEM;
	snprintf(ndev->name, sizeof(ndev->name), "%sn%u", dev->name, ns->nsid);
	ndev->ops = &oc_nvm_ops;
	ndev->q = nvm->q;
	ndev->private_data = nvm;
	ndev->geo.csecs = ns->geo.lba_size;
	ndev->geo.sos = ns->geo.oob_size;
	ndev->geo.mdts = queue_max_hw_sectors(nvm->q);

	/* On failure it has freed the device */
	if (nvm_register(ndev))
		return -EIO;
	nvm->ndev = ndev;
	return 0;
}

/**
 * oc_nvm_attach() - make a device's namespaces lightnvm devices
 * @dev:	device; they are called after it, ssd0n1, ssd0n2, ...
 *
 * Namespaces of kinds that lightnvm does not know are left out.
 *
 * Context: process; sleeps.
 * Return: 0, -ENOMEM, or -EIO if lightnvm refuses one.
 */
int oc_nvm_attach(struct oc_dev *dev)
{
	struct oc_nvms *nvms;
	u32 i;
	int ret;

	nvms = kzalloc(struct_size(nvms, nvm, dev->nr_ns), GFP_KERNEL);
	if (!nvms)
		return -ENOMEM;
	dev->binding = nvms;
	for (i = 0; i < dev->nr_ns; i++) {
		if (!dev->ns[i].kind->geometry)
			continue;
		ret = oc_nvm_init(&nvms->nvm[nvms->nr++], &dev->ns[i]);
		if (ret) {
			pr_err("attach=lightnvm: namespace %u failed (%d)\n",
			       dev->ns[i].nsid, ret);
			oc_nvm_detach(dev);
			return ret;
		}
	}
	return 0;
}

/**
 * oc_nvm_detach() - end what oc_nvm_attach() began
 * @dev:	device
 *
 * Targets that still exist go gracefully; who has them mounted gets I/O errors
 * from then on.
 *
 * Context: process; sleeps.
 */
void oc_nvm_detach(struct oc_dev *dev)
{
	struct oc_nvms *nvms = dev->binding;

	while (nvms->nr)
		oc_nvm_exit(&nvms->nvm[--nvms->nr]);
	kfree(nvms);
	dev->binding = NULL;
}
