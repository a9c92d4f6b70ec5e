{
  "variables": { "sanitize%": "" },
  "targets": [
    {
      "target_name": "supervise_sys",
      "sources": [
        "native/module.c",
        "native/spawn.c",
        "native/spawn_many.c",
        "native/spawn_request.c",
        "native/spawn_child.c",
        "native/spawn_listen_pid.c",
        "native/reap.c",
        "native/poll.c",
        "native/pidfd.c",
        "native/socket.c",
        "native/listen.c",
        "native/files.c",
        "native/descriptors.c",
        "native/locks.c",
        "native/notify.c",
        "native/limits.c",
        "native/users.c",
        "native/pty.c",
        "native/execute.c",
        "native/inspect.c",
        "native/descriptor_list.c"
      ],
      "defines": ["NAPI_VERSION=9", "_GNU_SOURCE", "_FILE_OFFSET_BITS=64"],
      "cflags!": ["-O3"],
      "cflags": ["-Wall", "-Wextra", "-Werror", "-O2", "-fvisibility=hidden"],
      "cflags_c": ["-std=c17"],
      "conditions": [
        ["sanitize!=''", {
          "cflags": ["-fsanitize=<(sanitize)", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"],
          "ldflags": ["-fsanitize=<(sanitize)"]
        }]
      ]
    },
    {
      "target_name": "supervise_apply",
      "type": "executable",
      "sources": ["native/apply.c", "native/spawn_child.c", "native/spawn_listen_pid.c"],
      "defines": ["NAPI_VERSION=9", "_GNU_SOURCE", "_FILE_OFFSET_BITS=64"],
      "cflags!": ["-O3"],
      "cflags": ["-Wall", "-Wextra", "-Werror", "-O2", "-fvisibility=hidden"],
      "cflags_c": ["-std=c17"],
      "conditions": [
        ["sanitize!=''", {
          "cflags": ["-fsanitize=<(sanitize)", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"],
          "ldflags": ["-fsanitize=<(sanitize)"]
        }]
      ]
    }
  ]
}
