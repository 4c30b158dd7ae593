/* connector_priv.h - the constructors behind the tables of connector.c. */
#ifndef CONNECTOR_CONNECTOR_PRIV_H
#define CONNECTOR_CONNECTOR_PRIV_H

#include "connector/connector.h"

fb_status file_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err);
/* Whether the options and the mode are what the file sink takes. */
fb_status file_sink_check(const char *format, const Options *o, OutputMode mode, fb_error *err);
fb_status console_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err);
fb_status memory_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err);
fb_status noop_sink_new(const SinkSpec *spec, const Conf *conf, StreamSink **ret, fb_error *err);
fb_status socket_relation(const ReadSpec *spec, const Conf *conf, Relation **ret, fb_error *err);

#endif
