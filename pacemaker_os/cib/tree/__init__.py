"""The raw configuration as an XML tree: parsing, patches, versions and relations."""
