{
  "targets": [
    {
      "target_name": "v8_code_cache",
      "sources": ["v8-code-cache.cc"],
      "cflags_cc": ["-std=c++20", "-fvisibility=hidden", "-Wno-cast-function-type"],
      "conditions": [
        [
          "OS=='mac'",
          {
            "xcode_settings": {
              "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
              "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
              "MACOSX_DEPLOYMENT_TARGET": "13.5"
            }
          }
        ]
      ]
    }
  ]
}
