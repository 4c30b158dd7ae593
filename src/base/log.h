/* log.h - messages for whoever runs the process, to standard error: "24/11/26 08:10:38 WARN Name:
 * text". */
#ifndef BASE_LOG_H
#define BASE_LOG_H

typedef enum LogLevel {
    LOG_LEVEL_TRACE,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARN,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_OFF
} LogLevel;

void log_set_level(LogLevel level); /* default WARN */
LogLevel log_level(void);
int log_level_parse(const char *name); /* Spark's names, any case; -1 if unknown */
void log_write(LogLevel level, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_INFO(name, ...) log_write(LOG_LEVEL_INFO, name, __VA_ARGS__)
#define LOG_WARN(name, ...) log_write(LOG_LEVEL_WARN, name, __VA_ARGS__)
#define LOG_ERROR(name, ...) log_write(LOG_LEVEL_ERROR, name, __VA_ARGS__)

#endif
