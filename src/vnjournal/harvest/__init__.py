"""Harvesting journals from servers that speak OAI-PMH, such as OJS and DSpace."""
