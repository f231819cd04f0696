; What a test is given is YAML.
((given_part (block_string) @injection.content)
  (#offset! @injection.content 0 3 0 -3)
  (#set! injection.language "yaml"))
