-- Who is the hub of a subnet is asked at every join; without this all of the subnet's nodes are read.
CREATE INDEX nodes_hubs ON nodes (subnet_id) WHERE role = 'hub';
