/*
 * stateful.c - what all stateful operators have in common.
 */
#include "state/stateful.h"

static fb_status check_conf(const Conf *conf, Arena *a, fb_error *err)
{
    const char *provider = conf_get(conf, "spark.sql.streaming.stateStore.providerClass", a);
    if (provider && !str_has_suffix(str_of(provider), STR_LIT("HDFSBackedStateStoreProvider"))) {
        return err_unsupported(err, "the state store provider %s", provider);
    }
    const char *encoding = conf_get(conf, "spark.sql.streaming.stateStore.encodingFormat", a);
    if (encoding && !cstr_eq_nocase(encoding, "unsaferow")) {
        return err_unsupported(err, "the state encoding %s", encoding);
    }
    if (conf_get_bool(conf, "spark.sql.streaming.stateStore.rowChecksum.enabled")) {
        return err_unsupported(err, "row checksums in state");
    }
    return FB_OK;
}

fb_status stateful_check_conf(const Conf *conf, fb_error *err)
{
    Arena a = {0};
    fb_status st = check_conf(conf, &a, err);
    arena_free(&a);
    return st;
}
